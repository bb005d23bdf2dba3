// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edited files: only the named rows differ, undo restores every byte, and tap, memory and file mean the same.
#include <unloop/edit/apply.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/io/safetensors_json.hpp>
#include <unloop/io/safetensors_writer.hpp>

#include <cstring>
#include <filesystem>
#include <sstream>

#include "edit/golden_llama.hpp"
#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace foreign {

using namespace unloop;

// [container]
/// Another container with other names: what a checkpoint must offer, and no more.
struct named_otherwise {
    safetensors::checkpoint tensors_of;
    [[nodiscard]] const std::string& path() const { return tensors_of.path(); }
    [[nodiscard]] const stored_tensor* find(std::string_view name) const { return tensors_of.find(name); }
    [[nodiscard]] const std::string& path_of(const stored_tensor& /*tensor*/) const { return path(); }
    [[nodiscard]] auto tensors() const { return tensors_of.tensors(); }
    [[nodiscard]] weight_view weights(const stored_tensor& tensor) const { return tensors_of.weights(tensor); }
    std::span<std::byte> writable(const stored_tensor& tensor) { return tensors_of.writable(tensor); }
};
inline decoder_config read_config(const named_otherwise& /*file*/) {
    decoder_config config;
    config.layers.resize(2);
    config.layers[0].mlp_width = 3, config.layers[1].mlp_width = 2;
    return config;
}
inline tokenizer_data read_tokenizer(const named_otherwise& /*file*/) { return {}; }
inline tensor_part locate(const named_otherwise& /*file*/, parameter_name parameter) {
    return {"layers." + std::to_string(parameter.layer) + "." + std::string(name_of(parameter.role))};
}
inline bool is_foreign(const named_otherwise& /*file*/, const stored_tensor& /*tensor*/) { return false; }
static_assert(checkpoint_file<named_otherwise>);
// [/container]

}  // namespace foreign

namespace {

using namespace unloop;

const std::vector<float> every_kind{0.0F, -1.0F, 2.0F, 0.5F, 0.0625F, 3.0F, 2.5F, -0.8F};

}  // namespace

TEST_CASE("an edited file differs in the scales of the named rows alone, and undo restores every byte") {
    const test::scratch_folder folder;
    for (const char* const name : {test::bf16_llama, test::q8_llama}) {
        const std::string source = golden::path(name), edited = folder.file("edited"), restored = folder.file("undone");
        const auto checkpoint = gguf::open(source);
        const auto original = test::read_file(source);
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const plan edits = test::random_plan(seed, 1 + seed, every_kind);
            INFO(name << "\n" << edits);
            const receipt done = apply(edits, checkpoint, edited);
            auto wanted = original;  // the definition, straight through the file's layout
            for (const target_edit& edit : edits.edits) {
                const auto target = std::get<neuron_id>(edit.target);
                const std::string tensor = "blk." + std::to_string(target.layer) + ".ffn_up.weight";
                const auto& stored = checkpoint.at(tensor);
                const std::size_t bytes = stored.bytes / 96;
                const auto row = static_cast<std::size_t>(target.neuron);
                scale_row(*stored.format, std::span(wanted).subspan(stored.offset + row * bytes, bytes), edit.factor);
            }
            CHECK((test::read_file(edited) == wanted));
            CHECK((test::read_file(source) == original));
            std::uint64_t differing = 0;
            for (std::size_t i = 0; i < wanted.size(); ++i) differing += wanted[i] != original[i] ? 1U : 0U;
            CHECK(done.bytes_changed() == differing);
            CHECK(done.source == source);
            CHECK(done.target == edited);

            undo(done, edited, restored);
            CHECK((test::read_file(restored) == original));
        }
    }
    CHECK(folder.names() == std::vector<std::string>{"edited", "undone"});
}

TEST_CASE("a plan gives the same tokens in memory and in a file, and as a tap when it is exact") {
    const test::scratch_folder folder;
    std::vector<std::vector<token_id>> prompts;
    for (std::uint64_t i = 0; i < 4; ++i) prompts.push_back(test::random_prompt(i, 12));
    for (const char* const name : {test::bf16_llama, test::q8_llama}) {
        auto model = test::load_llama(golden::path(name));
        const auto unedited = test::tokens_of(model, prompts, no_tap{});
        std::size_t changed = 0;
        for (std::uint64_t seed = 0; seed < 12; ++seed) {
            const std::vector<float> factors = seed < 8 ? std::vector{0.0F, -1.0F, 4.0F} : std::vector{2.5F};
            const plan edits = test::random_plan(seed, 4, factors);
            INFO(name << "\n" << edits);
            const receipt done = apply(edits, model.file(), folder.file("edited.gguf"));
            const auto edited_file = test::load_llama(folder.file("edited.gguf"));
            const auto tokens = test::tokens_of(edited_file, prompts, no_tap{});
            if (seed < 8) CHECK(done.is_exact());
            // In these models of random weights a rounded factor can tip a nearly tied choice.
            if (done.is_exact()) CHECK(test::tokens_of(model, prompts, plan_tap(edits)) == tokens);
            const scoped_edit edited(model, edits);
            CHECK(test::tokens_of(model, prompts, no_tap{}) == tokens);
            changed += tokens != unedited ? 1U : 0U;
        }
        CHECK(changed >= 8);
    }
}

TEST_CASE("the file on disk is edited, not what a scope made of it in memory") {
    const test::scratch_folder folder;
    auto model = test::load_llama(golden::path(test::q8_llama));
    const plan edits = scale(neuron_id{1, 2}, 2.0F);
    apply(edits, model.file(), folder.file("alone"));
    const scoped_edit edited(model, edits);
    apply(edits, model.file(), folder.file("within"));
    CHECK((test::read_file(folder.file("within")) == test::read_file(folder.file("alone"))));
}

TEST_CASE("a dry run writes nothing and tells the same") {
    const test::scratch_folder folder;
    const auto checkpoint = gguf::open(golden::path(test::q8_llama));
    const plan edits = test::random_plan(1, 6, every_kind);
    receipt dry = apply(edits, checkpoint, folder.file("edited"), {.dry_run = true});
    CHECK(folder.names().empty());
    CHECK(dry.is_dry_run);
    dry.is_dry_run = false;
    CHECK(apply(edits, checkpoint, folder.file("edited")) == dry);
}

TEST_CASE("what cannot be written is refused and nothing is left behind") {
    const test::scratch_folder folder;
    const std::string source = folder.file("model.gguf"), edited = folder.file("edited");
    test::write_file(source, test::read_file(golden::path(test::q8_llama)));
    const auto original = test::read_file(source);
    const auto checkpoint = gguf::open(source);
    const plan sound = suppress(neuron_id{0, 1});
    const auto fault = [&](const plan& edits, const std::string& target) {
        return test::fault_of([&] { apply(edits, checkpoint, target); });
    };
    CHECK(fault(plan{}, edited) == "the plan is empty; it would make an unedited copy");
    CHECK(fault(suppress(neuron_id{0, 96}), edited) == "neuron 0.96: layer 0 has 96 neurons");
    CHECK(fault(scale(neuron_id{0, 1}, 1e9F), edited).find("'blk.0.ffn_up.weight'") != std::string::npos);
    CHECK(fault(sound, source).find("is the file to be copied") != std::string::npos);
    CHECK(fault(sound, folder.file("missing/edited")).find("no file can be created") != std::string::npos);
    std::filesystem::create_symlink(source, folder.file("link"));
    CHECK(fault(sound, folder.file("link")).find("is the file to be copied") != std::string::npos);
    CHECK(folder.names() == std::vector<std::string>{"link", "model.gguf"});
    CHECK((test::read_file(source) == original));
}

TEST_CASE("undo refuses a file that the edit did not write") {
    const test::scratch_folder folder;
    const auto checkpoint = gguf::open(golden::path(test::q8_llama));
    const receipt done = apply(invert(neuron_id{1, 2}), checkpoint, folder.file("edited"));
    const auto fault = [&](const std::string& file) {
        return test::fault_of([&] { undo(done, file, folder.file("undone")); });
    };
    CHECK(fault(checkpoint.path()).find("not those that the edit wrote") != std::string::npos);
    test::write_file(folder.file("short"), test::byte_vector(1000));
    CHECK(fault(folder.file("short")).find("shorter") != std::string::npos);
    CHECK(fault(folder.file("edited")) == "none");
}

TEST_CASE("any container that names its tensors can be edited") {
    const test::scratch_folder folder;
    const std::vector<float> wide{1, 2, 3, 4, 5, 6}, narrow{7, 8, 9, 10};
    safetensors::writer writer;
    writer.add("layers.0.up", {3, 2}, wide);
    writer.add("layers.1.up", {2, 2}, narrow);
    writer.write(folder.file("model.safetensors"));
    const foreign::named_otherwise file{safetensors::open(folder.file("model.safetensors"))};
    const plan edits = scale(neuron_id{0, 1}, 0.1F) + invert(neuron_id{1, 1}) + suppress(neuron_id{0, 2});
    apply(edits, file, folder.file("edited.safetensors"));

    const auto edited = safetensors::open(folder.file("edited.safetensors"));
    const auto values = [&](const char* name) {
        const auto bytes = edited.bytes(edited.at(name));
        std::vector<float> out(bytes.size() / sizeof(float));
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return out;
    };
    CHECK(values("layers.0.up") == std::vector<float>{1, 2, 3 * 0.1F, 4 * 0.1F, 0, 0});
    CHECK(values("layers.1.up") == std::vector<float>{7, 8, -9, -10});
    CHECK(test::fault_of([&] {
              apply(suppress(neuron_id{1, 2}), file, folder.file("no"));
          }) == "neuron 1.2: layer 1 has 2 neurons");
}

TEST_CASE("a receipt prints a line for each tensor") {
    const auto checkpoint = gguf::open(golden::path(test::q8_llama));
    std::ostringstream out;
    const plan edits = suppress(neuron_id{1, 2}) + suppress(neuron_id{1, 1}) + scale(neuron_id{0, 5}, 2.5F);
    out << apply(edits, checkpoint, "edited.gguf", {.dry_run = true});
    const std::string text = out.str();
    CHECK(text.find("blk.0.ffn_up.weight (Q8_0), row 5: 4 bytes changed, 2 blocks rounded and 0 underflowed of 2, "
                    "relative error at most 0.000") == 0);
    CHECK(text.find("\nblk.1.ffn_up.weight (Q8_0), row 1 2: 8 bytes changed, exact\n") != std::string::npos);
    CHECK(text.find("\nnothing written: 3 rows of ") != std::string::npos);
}

TEST_CASE("the real model: tap, memory and file give the same tokens", "[real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    auto model = test::load_llama(*path);
    const auto prompt = encode_prompt(model, chat{"List three dog breeds."});
    const std::vector<std::vector<token_id>> prompts{prompt};
    const generation_options options{.max_tokens = 16, .threads = 2};
    plan exact, rounded;
    for (std::int32_t layer = 3; layer < 30; layer += 3) {
        exact.edits.push_back({neuron_id{layer, 17 * layer}, layer % 2 == 0 ? 0.0F : -1.0F});
        rounded.edits.push_back({neuron_id{layer, 17 * layer}, 2.5F});
    }
    const test::scratch_folder folder;
    for (const plan& edits : {exact, rounded}) {
        const auto tokens = test::tokens_of(model, prompts, plan_tap(edits), options);
        const auto logits = test::logits_of(model, prompt, plan_tap(edits));
        const receipt done = apply(edits, model.file(), folder.file("edited.gguf"));
        CHECK(done.is_exact() == (edits == exact));
        const auto edited_file = test::load_llama(folder.file("edited.gguf"));
        CHECK(test::tokens_of(edited_file, prompts, no_tap{}, options) == tokens);
        const double apart = golden::difference(test::logits_of(edited_file, prompt, no_tap{}), logits);
        CHECK(apart <= (edits == exact ? 0.0 : 5e-2));
        {
            const scoped_edit edited(model, edits);
            CHECK(test::tokens_of(model, prompts, no_tap{}, options) == tokens);
        }
        undo(done, folder.file("edited.gguf"), folder.file("undone.gguf"));
        CHECK((test::read_file(folder.file("undone.gguf")) == test::read_file(*path)));
    }
}
