// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop generate against the greedy tokens of transformers.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/golden.hpp"

namespace {

using boost::json::value;
using tool::llama;
using tool::run;

std::vector<std::int64_t> integers(const value& list) { return boost::json::value_to<std::vector<std::int64_t>>(list); }

value record_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"generate", "--model", llama, "--json"});
    const auto result = run(arguments);
    INFO(result.err);
    REQUIRE(result.code == 0);
    REQUIRE(std::count(result.out.begin(), result.out.end(), '\n') == 1);
    return result.json().at("records").at(0);
}

/// The first 12 ids of each golden row, and the greedy tokens that follow.
struct golden_rows {
    golden::tensors expected{"models/llama/expected.safetensors"};
    std::vector<std::int32_t> ids = expected.integers("tokens"), greedy = expected.integers("greedy");
    std::size_t length = expected.shape("tokens")[1];

    [[nodiscard]] std::string prompt(std::size_t row) const {
        return tool::listed(std::span(ids).subspan(row * length, 12));
    }
    [[nodiscard]] std::vector<std::int64_t> answer(std::size_t row) const {
        const auto part = std::span(greedy).subspan(row * 64, 64);
        return {part.begin(), part.end()};
    }
};

}  // namespace

TEST_CASE("greedy tokens equal those of transformers, on any number of threads", "[tool][parity]") {
    const golden_rows golden;
    for (std::size_t row = 0; row < 3; ++row)
        for (const char* threads : {"1", "3"}) {
            const value record =
                record_of({"--ids", golden.prompt(row), "--max-tokens", "64", "--ignore-end", "--threads", threads});
            CHECK(integers(record.at("tokens")) == golden.answer(row));
            CHECK(tool::listed(integers(record.at("prompt"))) == golden.prompt(row));
            CHECK(record.at("stop_reason").as_string() == "length");
        }
}

TEST_CASE("an answer stops at the end token and at a loop when asked to", "[tool]") {
    const golden_rows golden;
    for (std::size_t row = 0; row < 3; ++row) {
        auto expected = golden.answer(row);
        const auto end = std::find(expected.begin(), expected.end(), 2);  // the golden llama's end token
        const value record = record_of({"--ids", golden.prompt(row), "--max-tokens", "64"});
        const bool ends = end != expected.end();
        if (ends) expected.erase(end + 1, expected.end());
        CHECK(integers(record.at("tokens")) == expected);
        CHECK(record.at("stop_reason").as_string() == (ends ? "end_token" : "length"));
    }
    const std::vector<std::string> loops{"--ids", "2,9", "--max-tokens", "400", "--ignore-end"};
    const value whole = record_of(loops);
    REQUIRE(whole.at("loop").is_object());  // greedy decoding of so small a model runs into a loop
    CHECK(whole.at("loop").at("unit").as_string() == "tokens");
    auto stopping = loops;
    stopping.push_back("--stop-at-loop");
    const value stopped = record_of(stopping);
    CHECK(stopped.at("stop_reason").as_string() == "loop");
    const auto tokens = integers(stopped.at("tokens")), all = integers(whole.at("tokens"));
    const auto start = static_cast<std::size_t>(stopped.at("loop").at("start").as_int64());
    const auto period = static_cast<std::size_t>(stopped.at("loop").at("period").as_int64());
    REQUIRE(tokens.size() < all.size());
    CHECK(std::equal(tokens.begin(), tokens.end(), all.begin()));
    for (std::size_t t = start + period; t < tokens.size(); ++t) CHECK(tokens[t] == tokens[t - period]);
}

TEST_CASE("a suite gives one record a line, in order, however many run side by side", "[tool][real]") {
    const auto model = golden::real_model();
    if (!model) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const test::scratch_folder folder;
    test::write_file(folder.file("s.txt"), test::bytes_of("What is 2+2?\n\nName a colour.\nSay hello.\n"));
    const auto records = [&](const char* batch) {
        const auto result = run({"generate", "--model", *model, "--suite", folder.file("s.txt"), "--max-tokens", "12",
                                 "--batch", batch, "--temperature", "0.9", "--seed", "7", "--json"});
        REQUIRE(result.code == 0);
        return result.json().at("records");
    };
    const value together = records("8");
    REQUIRE(together.as_array().size() == 3);
    CHECK(together == records("1"));
    const auto single = run({"generate", "--model", *model, "--chat", "What is 2+2?", "--max-tokens", "12",
                             "--temperature", "0.9", "--seed", "7", "--json"});
    CHECK(single.json().at("records").at(0) == together.at(0));
    const auto shown = run({"generate", "--model", *model, "--suite", folder.file("s.txt"), "--max-tokens", "4"});
    CHECK(shown.out.find("Name a colour.") != std::string::npos);
    CHECK(shown.out.find(" of 3 answers loop; ") != std::string::npos);
    CHECK(shown.err.empty());
}

TEST_CASE("the real model collapses on a list, detect finds the same loop, and the seed decides samples",
          "[tool][real]") {
    const auto model = golden::real_model();
    if (!model) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto result =
        run({"generate", "--model", *model, "--chat", "List all dog breeds.", "--max-tokens", "200", "--json"});
    REQUIRE(result.code == 0);
    const value record = result.json().at("records").at(0);
    REQUIRE(record.at("loop").is_object());
    const auto found = run({"detect", "--json"}, result.out);
    CHECK(found.code == 1);
    CHECK(found.json().at("loops").at(0) == record.at("loop"));

    const auto sampled = [&](const char* seed) {
        return run({"generate", "--model", *model, "--prompt", "Once", "--max-tokens", "12", "--temperature", "1",
                    "--seed", seed, "--json"})
            .json()
            .at("records");
    };
    CHECK(sampled("1") == sampled("1"));
    CHECK(sampled("1") != sampled("2"));
}

TEST_CASE("fast arithmetic changes what quantised weights give, and nothing else", "[tool]") {
    const auto answer = [](const std::string& model, const std::string& arithmetic) {
        const auto result = run({"generate", "--model", model, "--ids", "2,9,11", "--max-tokens", "8", "--json",
                                 "--log-probabilities", "--arithmetic", arithmetic});
        INFO(result.err);
        REQUIRE(result.code == 0);
        CHECK(result.json().at("arithmetic").as_string() == arithmetic);
        return result.json().at("records").at(0).at("log_probabilities");
    };
    // Of these no instruction multiplies pairs of bfloat16, which fast arithmetic uses where there is one.
    const std::string target(run({"inspect", llama, "--json"}).json().at("origin").at("target").as_string());
    if (target.starts_with("SSE") || target == "AVX2" || target == "AVX3" || target == "AVX3_DL")
        CHECK(answer(llama, "fast") == answer(llama, "exact"));
    const std::string quantised = test::golden("gguf/llama.q8_0.gguf");
    CHECK(answer(quantised, "fast") != answer(quantised, "exact"));
    CHECK(run({"generate", "--model", llama, "--ids", "2", "--arithmetic", "quick"}).code != 0);
}
