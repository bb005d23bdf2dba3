// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edited checkpoints in folders: in every file only the named rows differ, and undo restores every byte.
#include <unloop/edit/apply.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/receipt_json.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "edit/golden_llama.hpp"
#include "edit/random_targets.hpp"
#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

std::map<std::string, test::byte_vector> contents(const std::string& folder) {
    std::map<std::string, test::byte_vector> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files[entry.path().filename()] = test::read_file(entry.path());
    return files;
}

const std::vector<float> factors{0.0F, -1.0F, 2.0F, 2.5F, -0.8F};

/// Where a target lies, straight from the layout that the family has on disk: tensor, first row or value, how many,
/// and which columns of them where not all.
struct layout {
    std::string tensor;
    std::size_t first, count, column = 0, columns = 0;
};
layout layout_of(neuron_id id, const hugging_face::checkpoint& file) {
    return {locate(file, {id.layer, parameter_role::up}).tensor, static_cast<std::size_t>(id.neuron), 1};
}
layout layout_of(expert_id id, const hugging_face::checkpoint& file) {
    const std::string layer = "model.layers." + std::to_string(id.layer);
    if (file.config().family == "gemma4")
        return {layer + ".router.per_expert_scale", static_cast<std::size_t>(id.expert), 1};
    return {layer + ".block_sparse_moe.experts." + std::to_string(id.expert) + ".w2.weight", 0, file.config().hidden};
}
layout layout_of(expert_neuron_id id, const hugging_face::checkpoint& file) {
    const std::string layer = "model.layers." + std::to_string(id.layer);
    const auto neuron = static_cast<std::size_t>(id.neuron);
    const std::size_t width = file.config().layers[0].expert_width;
    if (file.config().family == "gemma4")
        return {layer + ".experts.gate_up_proj", static_cast<std::size_t>(id.expert) * 2 * width + width + neuron, 1};
    return {layer + ".block_sparse_moe.experts." + std::to_string(id.expert) + ".w3.weight", neuron, 1};
}
layout layout_of(head_id id, const hugging_face::checkpoint& file) {
    const std::size_t size = file.config().layers[static_cast<std::size_t>(id.layer)].head_size;
    return {locate(file, {id.layer, parameter_role::attention_output}).tensor, 0, file.config().hidden,
            static_cast<std::size_t>(id.head) * size, size};
}

}  // namespace

TEST_CASE("a folder with edits differs in the named rows alone, and undo restores every byte of every file") {
    for (const std::string model : {"models/llama", "models/moe", "models/mixtral", "models/e_like_hub"}) {
        const test::scratch_folder folder;
        const std::string source = golden::path(model);
        const auto file = hugging_face::open(source);
        const auto original = contents(source);
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            const plan edits = test::random_targets(file.config(), seed, 1 + 4 * seed, factors);
            INFO(model << "\n" << edits);
            const std::string edited = folder.file("edited" + std::to_string(seed));
            const receipt done = apply(edits, file, edited);
            auto wanted = original;  // the definition, straight through the files' layout
            for (const target_edit& edit : edits.edits) {
                const layout at = std::visit([&](const auto& id) { return layout_of(id, file); }, edit.target);
                const auto& stored = file.at(at.tensor);
                std::size_t units = 1;  // values of a vector, rows of what has more dimensions
                for (std::size_t i = 0; i < std::max<std::size_t>(stored.shape.size() - 1, 1); ++i)
                    units *= stored.shape[i];
                const std::size_t bytes = stored.bytes / units;
                auto& in = wanted.at(std::filesystem::path(file.path_of(stored)).filename());
                const std::size_t value = bytes / (at.columns > 0 ? stored.shape.back() : 1);
                for (std::size_t unit = at.first; unit < at.first + at.count; ++unit)
                    scale_row(*stored.format,
                              std::span(in).subspan(stored.offset + unit * bytes + at.column * value,
                                                    at.columns > 0 ? at.columns * value : bytes),
                              edit.factor);
            }
            CHECK((contents(edited) == wanted));
            CHECK(done.source == source);
            CHECK(done.target == edited);
            for (const tensor_change& change : done.tensors) CHECK(change.file == file.path_of(file.at(change.tensor)));

            write_json(folder.file("receipt.json"), to_json(done));
            const std::string restored = folder.file("restored" + std::to_string(seed));
            undo(read_receipt(folder.file("receipt.json")), edited, restored);
            CHECK((contents(restored) == original));
        }
        CHECK((contents(source) == original));
    }
}

TEST_CASE("edits that reach several shards are all written, and a receipt says where") {
    const test::scratch_folder folder;
    const auto file = hugging_face::open(golden::path("models/moe"));
    plan edits;
    for (std::int32_t layer = 0; layer < 4; ++layer) edits.edits.push_back({neuron_id{layer, 3}, 0.0F});
    const receipt dry = apply(edits, file, folder.file("edited"), {.dry_run = true});
    CHECK(folder.names().empty());
    std::set<std::string> files;
    for (const tensor_change& change : dry.tensors) files.insert(change.file);
    CHECK(files.size() >= 2);
    CHECK(to_string(dry).find("model.layers.0.mlp.up_proj.weight (BF16) in model-0000") == 0);

    apply(edits, file, folder.file("edited"));
    const auto edited = hugging_face::open(folder.file("edited"));
    for (std::int32_t layer = 0; layer < 4; ++layer) {
        const auto row = edited.weights(locate(edited, {layer, parameter_role::up}).tensor).row(3);
        CHECK(std::all_of(row.begin(), row.end(), [](std::byte byte) { return byte == std::byte{0}; }));
    }
}

TEST_CASE("an edit in memory writes the same rows as one on disk, whatever the shard") {
    const test::scratch_folder folder;
    auto model = test::golden_model("models/moe");
    const plan edits = test::random_targets(model.config(), 7, 12, factors);
    apply(edits, model.file(), folder.file("edited"));
    const auto edited = hugging_face::open(folder.file("edited"));
    const auto same = [&] {
        for (const stored_tensor& tensor : edited.tensors())
            if (!std::ranges::equal(edited.bytes(tensor), model.file().bytes(*model.file().find(tensor.name))))
                return false;
        return true;
    };
    CHECK_FALSE(same());
    {
        const scoped_edit scope(model, edits);
        CHECK(same());
        apply(edits, model.file(), folder.file("again"));  // from the disk, not from what the scope made of it
    }
    CHECK_FALSE(same());
    CHECK((contents(folder.file("again")) == contents(folder.file("edited"))));
}

TEST_CASE("a folder that is there already is not overwritten, and undo refuses other rows") {
    const test::scratch_folder folder;
    const auto file = hugging_face::open(golden::path("models/moe"));
    const plan edits = suppress(neuron_id{1, 2});
    const receipt done = apply(edits, file, folder.file("edited"));
    CHECK(test::fault_of([&] { apply(edits, file, folder.file("edited")); }).find("is not empty") != std::string::npos);
    CHECK(test::fault_of([&] {
              undo(done, file.path(), folder.file("undone"));
          }).find("not those that the edit wrote") != std::string::npos);
    std::filesystem::create_directory(folder.file("other"));
    CHECK(test::fault_of([&] { undo(done, folder.file("other"), folder.file("undone")); }).find("cannot be opened") !=
          std::string::npos);
    CHECK(folder.names() == std::vector<std::string>{"edited", "other"});
}
