// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Flags of the tool that no other test gives: each does what docs/tool.md says.
#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <filesystem>
#include <set>
#include <utility>

#include "tool/run_tool.hpp"

namespace {

using tool::dense;
using tool::mixture;
using tool::run;

std::vector<std::int64_t> tokens_said(const tool::outcome& done) {
    std::vector<std::int64_t> tokens;
    const boost::json::value document = done.json();
    for (const auto& token : document.at("records").at(0).at("tokens").as_array())
        tokens.push_back(token.to_number<std::int64_t>());
    return tokens;
}

}  // namespace

TEST_CASE("inspect --preset shows the sizes of Gemma 4 by their shapes alone", "[tool]") {
    for (const auto& [name, layers] : {std::pair<std::string, std::size_t>{"E2B", 35}, {"26B-A4B", 30}, {"31B", 60}}) {
        INFO(name);
        const auto shown = run({"inspect", "--preset", name, "--json"});
        REQUIRE(shown.code == 0);
        CHECK(shown.json().at("configuration").at("layers").as_array().size() == layers);
    }
    CHECK(run({"inspect", "--preset", "E9"}).failed_on_one_line(2));
}

TEST_CASE("generate --no-repeat-ngram says no pair of tokens twice", "[tool]") {
    const auto answer = [](std::vector<std::string> more) {
        std::vector<std::string> arguments{
            "generate",     "--model", dense,          "--chat", "Please name the moons of Felza.",
            "--max-tokens", "80",      "--ignore-end", "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return tokens_said(run(arguments));
    };
    const auto repeats = [](const std::vector<std::int64_t>& tokens) {
        std::set<std::pair<std::int64_t, std::int64_t>> pairs;
        for (std::size_t i = 1; i < tokens.size(); ++i) pairs.emplace(tokens[i - 1], tokens[i]);
        return pairs.size() + 1 < tokens.size();
    };
    CHECK(repeats(answer({})));
    CHECK_FALSE(repeats(answer({"--no-repeat-ngram", "2"})));
}

TEST_CASE("generate --mask-expert changes what is generated, and edit refuses it", "[tool]") {
    std::set<std::string> answers;  // by the log-probabilities of their tokens
    for (const char* const expert : {"0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"}) {
        const boost::json::value document =
            run({"generate", "--model", mixture, "--chat", "Please name the moons of Felza.", "--max-tokens", "8",
                 "--log-probabilities", "--json", "--mask-expert", expert})
                .json();
        answers.insert(boost::json::serialize(document.at("records").at(0).at("log_probabilities")));
    }
    CHECK(answers.size() > 1);
    CHECK(run({"edit", "--model", mixture, "--mask-expert", "0.0", "--dry-run"}).failed_on_one_line(3));
    CHECK(run({"generate", "--model", dense, "--chat", "a", "--mask-expert", "0.0"}).failed_on_one_line(3));
}

TEST_CASE("UNLOOP_PROBES names the folder of suites", "[tool]") {
    const test::scratch_folder folder;
    std::filesystem::copy_file(dense + "/probes/easy_fit.json", folder.file("questions.json"));
    const std::vector<std::string> arguments{"generate",  "--model",      dense, "--suite",
                                             "questions", "--max-tokens", "4",   "--json"};
    CHECK(run(arguments).failed_on_one_line(3));
    const auto found = run(arguments, {}, {}, "UNLOOP_PROBES=" + tool::quoted(folder.path()));
    INFO(found.err);
    REQUIRE(found.code == 0);
    CHECK(found.json().at("records").as_array().size() >= 16);
}

TEST_CASE("evaluate samples several answers a prompt, and leaves factors of controls alone when asked to", "[tool]") {
    const auto done = run({"evaluate", "--model",      dense, "--neuron", "2.5=-8",   "--probes", "4", "--max-tokens",
                           "24",       "--controls",   "1",   "--match",  "strength", "--seeds",  "3", "--temperature",
                           "0.7",      "--null-edits", "0",   "--json"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    const boost::json::value document = done.json();
    for (const auto& arm : document.at("arms").as_array()) CHECK(arm.at("answers").to_number<std::size_t>() == 12);
}

TEST_CASE("plant breaks two experts at once, and the seal holds both", "[tool]") {
    const test::scratch_folder folder;
    const auto done =
        run({"plant", "--model", mixture, "--kind", "expert", "--culprits", "2", "--max-tokens", "64", "--suite",
             "known_fit", "--out", folder.file("broken"), "--seal", folder.file("seal"), "--json"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    const auto seal = boost::json::parse(tool::text_of(folder.file("seal")));
    CHECK(seal.at("targets").as_array().size() == 2);
    CHECK(seal.at("edits").as_array().size() == 2);
    CHECK(done.json().at("loops_broken").to_number<int>() >= 6);
    CHECK(run({"plant", "--model", dense, "--kind", "expert", "--out", folder.file("b"), "--seal", folder.file("s")})
              .failed_on_one_line(3));
}

TEST_CASE("search begins with the plan that is given", "[tool]") {
    const test::scratch_folder folder;
    const std::string plan = folder.file("plan.json");
    REQUIRE(run({"edit", "--model", dense, "--head", "2.2=0", "--neuron", "1.5=0", "--dry-run", "--save-plan", plan})
                .code == 0);
    const auto done = run({"search", "--model", dense, "--fit-probes", "6", "--select-probes", "4", "--max-tokens",
                           "64", "--most-plans", "4", "--strategy", "pruning", "--start", plan, "--json"});
    INFO(done.err);
    REQUIRE(done.code == 0);
    const boost::json::value document = done.json();
    const auto& first = document.at("search").at("trials").at(0).at("edits").as_array();
    CHECK(first.size() == 2);
}
