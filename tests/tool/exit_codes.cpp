// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Exit codes, and errors on one line that say what to do.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

using tool::llama;
using tool::run;

bool mentions(const tool::outcome& result, const std::string& text) {
    return result.err.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the version and help are printed, with examples for every command", "[tool]") {
    const auto version = run({"--version"});
    CHECK(version.code == 0);
    CHECK(version.out.starts_with("unloop "));
    CHECK(run({"--help"}).out.find("Exit codes") != std::string::npos);
    for (const char* command : {"inspect", "generate", "trace", "detect", "tokenize", "edit", "plant", "localize",
                                "search", "evaluate", "demo", "tally"}) {
        INFO(command);
        const auto help = run({command, "--help"});
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        const std::size_t examples = help.out.find("\nExample");
        REQUIRE(examples != std::string::npos);
        const bool is_shown = help.out.find("\n  unloop " + std::string(command), examples) != std::string::npos;
        CHECK(is_shown);
    }
}

TEST_CASE("a reader that goes away ends the program without a word", "[tool]") {
    const auto result = run({"inspect", llama, "--tensors"}, {}, "| true");
    CHECK(result.err.empty());
}

TEST_CASE("UNLOOP_TARGET chooses instructions that the machine runs, and others are refused", "[tool]") {
    const auto inspect = [](const std::string& target) {
        return run({"inspect", llama, "--json"}, {}, {}, "UNLOOP_TARGET=" + target);
    };
    const std::string best(inspect("").json().at("origin").at("target").as_string());
    CHECK(inspect(best).json().at("origin").at("target").as_string() == best);
    const auto refused = inspect("AVX9");
    CHECK(refused.failed_on_one_line(3));
    CHECK(mentions(refused, best));
}

TEST_CASE("wrong usage is 2 and names the help", "[tool]") {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"dance"},
        {"--dance"},
        {"inspect"},
        {"inspect", llama, "--dance"},
        {"generate", "--ids", "2"},
        {"generate", "--model", llama},
        {"generate", "--model", llama, "--ids", "2", "--prompt", "a"},
        {"generate", "--model", llama, "--ids", "2", "--suite", "a.txt"},
        {"generate", "--model", llama, "--ids", "2,x"},
        {"generate", "--model", llama, "--ids", "2,99999999999"},
        {"generate", "--model", llama, "--ids", "-2"},
        {"generate", "--model", llama, "--ids", "2", "--threads", "0"},
        {"generate", "--model", llama, "--ids", "2", "--threads", "many"},
        {"generate", "--model", llama, "--ids", "2", "--max-tokens", "0"},
        {"generate", "--model", llama, "--ids", "2", "--neuron", "1.2"},
        {"generate", "--model", llama, "--ids", "2", "--neuron", "1.2=nan"},
        {"generate", "--model", llama, "--ids", "2", "--top-p", "1.5"},
        {"generate", "--model", llama, "--ids", "2", "--top-k", "0"},
        {"generate", "--model", llama, "--ids", "2", "--repetition-penalty", "0"},
        {"trace", "--model", llama, "--ids", "2", "--sites", "logits"},
        {"trace", "--model", llama, "--ids", "2", "--out", "x"},
        {"detect", "--format", "xml"},
        {"edit", "--model", llama, "--neuron", "1.2=0"},
        {"edit", "--model", llama, "--dry-run"},
        {"edit", "--model", llama, "--neuron", "1.2=0", "--undo", "r.json", "--out", "o"},
        {"edit", "--model", llama, "--undo", "r.json", "--dry-run"},
    };
    for (const auto& arguments : wrong) {
        const auto result = run(arguments);
        INFO((arguments.empty() ? "" : arguments.back()) << ": " << result.code << " " << result.err);
        CHECK(result.failed_on_one_line(2));
        CHECK(mentions(result, "--help\n"));
        CHECK(result.out.empty());
    }
    CHECK(mentions(run({"dance"}), "no command 'dance'"));
    CHECK(mentions(run({"generate", "--model", llama, "--ids", "2,x"}), "'x' is no token id"));
}

TEST_CASE("bad input is 3 and names what is bad", "[tool]") {
    const test::scratch_folder folder;
    test::write_file(folder.file("empty"), {});
    test::write_file(folder.file("text"), test::bytes_of("no model"));
    const std::vector<std::pair<std::vector<std::string>, std::string>> bad{
        {{"inspect", folder.file("missing")}, "missing: cannot be opened"},
        {{"inspect", folder.path()}, "has neither model.safetensors nor"},
        {{"inspect", folder.file("empty")}, "is empty"},
        {{"inspect", folder.file("text")}, "is not a GGUF file"},
        {{"inspect", "/dev/null"}, "not a regular file"},
        {{"generate", "--model", llama, "--ids", "2,272"}, "token 272 is outside the vocabulary of 272"},
        {{"generate", "--model", llama, "--ids", ""}, "the prompt is empty"},
        {{"generate", "--model", llama, "--chat", "a"}, "no chat template"},
        {{"generate", "--model", llama, "--ids", "2", "--neuron", "3.0=0"}, "the model has 3 layers"},
        {{"generate", "--model", llama, "--ids", "2", "--neuron", "0.96=0"}, "layer 0 has 96 neurons"},
        {{"generate", "--model", llama, "--ids", "2", "--plan", folder.file("missing")}, "missing"},
        {{"generate", "--model", llama, "--ids", "2", "--plan", folder.file("text")}, "JSON"},
        {{"trace", "--model", llama, "--ids", "2", "--sites", "neurons", "--out", folder.file("o")}, "mlp_neurons"},
        {{"trace", "--model", llama, "--ids", "2", "--sites", "hidden.4", "--out", folder.file("o")}, "0 to 3"},
        {{"trace", "--model", llama, "--ids", "2", "--sites", "hidden", "--out", folder.file("no/o")}, "no/o"},
        {{"trace", "--model", llama, "--ids", "2", "--sites", "hidden", "--out", folder.path()}, "is a folder"},
        {{"tokenize", "--model", llama, "--decode", "--text", "272"}, "token 272"},
        {{"detect", folder.file("missing")}, "missing"},
        {{"detect", folder.path()}, "cannot be read"},
        {{"edit", "--model", llama, "--neuron", "0.0=0", "--out", llama}, "is the file to be copied"},
        {{"edit", "--model", llama, "--undo", folder.file("missing"), "--out", folder.file("o")}, "missing"},
    };
    for (const auto& [arguments, part] : bad) {
        const auto result = run(arguments);
        INFO(part << ": " << result.code << " " << result.err);
        CHECK(result.failed_on_one_line(3));
        CHECK(mentions(result, part));
        CHECK(result.out.empty());
    }
    CHECK(folder.names() == std::vector<std::string>{"empty", "text"});
}

TEST_CASE("a file name cannot steer the terminal or add lines", "[tool]") {
    const auto result = run({"inspect", "a\nb\x1b[2Jc"});
    CHECK(result.failed_on_one_line(3));
    CHECK(mentions(result, "a\\nb\\x1b[2Jc"));
}

TEST_CASE("output that cannot be written is an error", "[tool]") {
    const auto full = run({"inspect", llama}, {}, ">/dev/full");
    CHECK(full.failed_on_one_line(3));
    CHECK(mentions(full, "standard output"));
    const auto closed = run({"inspect", llama}, {}, ">&-");
    CHECK(closed.failed_on_one_line(3));
    CHECK(run({"--help"}, {}, ">/dev/full").code == 3);
    CHECK(run({"detect"}, {}, "<&-").failed_on_one_line(3));
}

TEST_CASE("a closed standard output does not end up inside a file that is written", "[tool]") {
    const test::scratch_folder folder;
    const auto result =
        run({"trace", "--model", llama, "--ids", "2,7", "--sites", "hidden.0", "--out", folder.file("o")}, {}, ">&-");
    CHECK(result.code == 3);
    const auto sound =
        run({"trace", "--model", llama, "--ids", "2,7", "--sites", "hidden.0", "--out", folder.file("p")});
    CHECK(sound.code == 0);
    CHECK(test::read_file(folder.file("o")) == test::read_file(folder.file("p")));
}

TEST_CASE("a hostile model file is refused, whatever the command", "[tool]") {
    const test::scratch_folder folder;
    const test::byte_vector whole = test::read_file(llama);
    for (const std::size_t bytes : {4U, 100U, 5000U, 20000U, 200000U}) {
        test::write_file(folder.file("cut.gguf"), std::span(whole).first(bytes));
        INFO(bytes << " bytes");
        CHECK(run({"inspect", folder.file("cut.gguf")}).failed_on_one_line(3));
        CHECK(run({"generate", "--model", folder.file("cut.gguf"), "--ids", "2"}).failed_on_one_line(3));
        CHECK(run({"edit", "--model", folder.file("cut.gguf"), "--neuron", "0.0=0", "--out", folder.file("o")})
                  .failed_on_one_line(3));
    }
}
