// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop edit: the file differs in the edited rows alone, means what the same edit of activations means, and goes back.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>
#include <unloop/io/gguf.hpp>

namespace {

using tool::llama;
using tool::run;

struct fixture {
    test::scratch_folder folder;
    std::string edited = folder.file("edited.gguf");

    [[nodiscard]] tool::outcome edit(std::vector<std::string> more, const std::string& model = llama) const {
        more.insert(more.begin(), {"edit", "--model", model});
        return run(more);
    }
    /// The file that `trace` writes, as bytes. Not with the neurons themselves, whose zeros differ in sign.
    [[nodiscard]] test::byte_vector trace(const std::string& model, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"trace", "--model", model, "--ids", "2,7,9,11,13", "--sites", "hidden,logits",
                                   "--out", folder.file("t")});
        REQUIRE(run(more).code == 0);
        return test::read_file(folder.file("t"));
    }
};

}  // namespace

TEST_CASE("an edited file differs in the rows of the plan alone, and acts as the edit of activations does", "[tool]") {
    const fixture at;
    REQUIRE(at.edit({"--neuron", "1.5=-1", "--neuron", "2.7=0", "--out", at.edited}).code == 0);
    const auto before = test::read_file(llama), after = test::read_file(at.edited);
    REQUIRE(before.size() == after.size());
    const auto file = unloop::gguf::open(llama);
    const auto inside = [&](std::size_t byte, const char* name, std::size_t row) {
        const auto& tensor = file.at(name);
        const std::size_t stride = tensor.bytes / tensor.shape[0];
        return byte >= tensor.offset + row * stride && byte < tensor.offset + (row + 1) * stride;
    };
    std::size_t changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] == after[i]) continue;
        ++changed;
        CHECK((inside(i, "blk.1.ffn_up.weight", 5) || inside(i, "blk.2.ffn_up.weight", 7)));
    }
    CHECK(changed > 64);
    const auto plain = at.trace(llama);
    const auto through_file = at.trace(at.edited);
    CHECK((through_file != plain));
    CHECK((through_file == at.trace(llama, {"--neuron", "1.5=-1", "--neuron", "2.7=0"})));
}

TEST_CASE("a receipt takes the edit back, and fits no other file", "[tool]") {
    const fixture at;
    const std::string receipt = at.folder.file("receipt.json"), restored = at.folder.file("restored.gguf");
    REQUIRE(at.edit({"--neuron", "1.5=0.3", "--out", at.edited, "--receipt", receipt}).code == 0);
    const auto undone = at.edit({"--undo", receipt, "--out", restored}, at.edited);
    INFO(undone.err);
    REQUIRE(undone.code == 0);
    CHECK((test::read_file(restored) == test::read_file(llama)));
    CHECK((test::read_file(at.edited) != test::read_file(llama)));
    CHECK(at.edit({"--undo", receipt, "--out", restored}, llama).failed_on_one_line(3));
}

TEST_CASE("a dry run tells all and writes nothing", "[tool]") {
    const fixture at;
    const auto dry = at.edit({"--neuron", "0.3=-1", "--dry-run", "--json"});
    REQUIRE(dry.code == 0);
    const auto receipt = dry.json().at("receipt");
    CHECK(receipt.at("dry_run").as_bool());
    CHECK(receipt.at("tensors").at(0).at("tensor").as_string() == "blk.0.ffn_up.weight");
    CHECK(receipt.at("tensors").at(0).at("rows").at(0).at("row").as_int64() == 3);
    CHECK(at.folder.names().empty());
    REQUIRE(at.edit({"--neuron", "0.3=-1", "--out", at.edited, "--json"}).code == 0);
    CHECK(at.folder.names() == std::vector<std::string>{"edited.gguf"});
}

TEST_CASE("a saved plan is the same edit, for these weights alone", "[tool]") {
    const fixture at;
    const std::string plan = at.folder.file("plan.json"), again = at.folder.file("again.gguf");
    REQUIRE(at.edit({"--neuron", "1.5=-1", "--out", at.edited, "--save-plan", plan}).code == 0);
    REQUIRE(at.edit({"--plan", plan, "--out", again}).code == 0);
    CHECK((test::read_file(again) == test::read_file(at.edited)));
    CHECK((at.trace(llama, {"--plan", plan}) == at.trace(at.edited)));
    const auto twice = at.edit({"--plan", plan, "--dry-run"}, at.edited);
    CHECK(twice.failed_on_one_line(3));
    CHECK(twice.err.find("--rebase") != std::string::npos);
    CHECK(at.edit({"--plan", plan, "--dry-run", "--rebase"}, at.edited).code == 0);
}

TEST_CASE("a head is edited like a neuron: in the file it is columns, and acts as the edit of activations does",
          "[tool]") {
    const fixture at;
    const std::vector<std::string> heads{"--head", "1.2=0", "--head", "0.3=-1"};
    auto more = heads;
    more.insert(more.end(), {"--out", at.edited, "--receipt", at.folder.file("receipt.json")});
    const auto done = at.edit(more);
    INFO(done.err);
    REQUIRE(done.code == 0);
    CHECK(done.out.find("blk.1.attn_output.weight (BF16), row 0-63[32-47]: ") != std::string::npos);
    CHECK((at.trace(at.edited) == at.trace(llama, heads)));
    CHECK((at.trace(at.edited) != at.trace(llama)));
    CHECK(at.edit({"--head", "1.4=0", "--dry-run"}).err.find("head 1.4: layer 1 has 4 heads") != std::string::npos);
    CHECK(at.edit({"--head", "1.2", "--dry-run"}).code == 2);
}
