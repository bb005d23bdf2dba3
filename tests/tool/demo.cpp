// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Act 1 on the real model: a fault planted by seed is found by a process that does not know it, and mended.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "run_tool.hpp"
#include "support/golden.hpp"

TEST_CASE("the line finds the planted neuron, mends the file, and the exact inverse restores every byte", "[real]") {
    const auto model = golden::real_model();
    if (!model) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const test::scratch_folder folder;
    // Neurons alone, which takes less time; the demo asks heads too.
    const auto told = tool::run({"demo", "--model", *model, "--act", "1", "--seed", "1", "--most-plans", "4",
                                 "--targets", "neuron", "--folder", folder.file("act"), "--json"});
    INFO(told.out << told.err);
    REQUIRE(told.code == 0);
    CHECK(told.out == tool::text_of(folder.file("act/demo.json")));
    CHECK(told.err.find("seal opened: neuron ") != std::string::npos);
    const auto document = told.json();
    const auto& act = document.at("act_1");
    CHECK(act.at("found").as_bool());
    CHECK(act.at("exact_inverse_is_byte_identical").as_bool());
    const auto loops = [&](std::size_t arm) {
        return act.at("arms").at(arm).at("outcomes").at("loops").at("count").to_number<std::size_t>();
    };
    CHECK(loops(1) > loops(0) + 2);   // broken, unbroken
    CHECK(loops(2) <= loops(0) + 2);  // mended
    for (const char* const ranking : {"healthy texts", "free generation"})
        CHECK(act.at("ranks").at(ranking).at(0).to_number<std::size_t>() == 1);
}

TEST_CASE("localize, search and evaluate refuse what they cannot use, on one line", "[real]") {
    const auto model = golden::real_model();
    if (!model) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    CHECK(tool::run({"localize", "--model", *model, "--suite", "no_such_suite"}).failed_on_one_line(3));
    CHECK(tool::run({"evaluate", "--model", *model, "--neuron", "30.0=0"}).failed_on_one_line(3));
    CHECK(
        tool::run({"search", "--model", tool::llama, "--max-tokens", "4"}).failed_on_one_line(3));  // no chat template
}

TEST_CASE("the line on the mixture model breaks an expert, finds it and edits it", "[tool]") {
    const test::scratch_folder folder;
    const auto told = tool::run({"demo", "--model", tool::mixture, "--act", "1", "--kind", "expert", "--targets",
                                 "expert", "--easy-tokens", "64", "--folder", folder.file("act"), "--json"});
    INFO(told.out << told.err);
    REQUIRE(told.code == 0);
    const auto document = told.json();
    const auto& act = document.at("act_1");
    CHECK(act.at("found").as_bool());
    CHECK(act.at("chosen").at(0).at("kind").as_string() == "expert");
    CHECK(act.at("exact_inverse_is_byte_identical").as_bool());
    for (const auto& arm : act.at("arms").as_array()) CHECK(arm.at("tokens").at("mean").to_number<double>() <= 64);

    const std::string document_path = folder.file("act/demo.json");
    const auto tally = tool::run({"tally", document_path, document_path});
    INFO(tally.out << tally.err);
    REQUIRE(tally.code == 0);
    const std::string draws = std::to_string(2 * act.at("draws").to_number<std::size_t>());
    CHECK(tally.out.find("of 2 (" + draws + " draws): all that was planted is edited in 2, ") != std::string::npos);
    CHECK(tally.out.find("free generation") != std::string::npos);
    const std::string planted = std::string(act.at("seal").at("kind").as_string()) + " ";
    CHECK(tally.out.find(planted) != tally.out.rfind(planted));  // a row a run
    CHECK(tool::run({"tally", document_path, folder.file("act/seal.json")}).failed_on_one_line(3));
    const std::string broken = folder.file("broken.json");
    const std::string text = "{\"act_1\": {\"seed\": 1}}";
    test::write_file(broken, std::as_bytes(std::span(text)));
    const auto refused = tool::run({"tally", broken});
    CHECK(refused.failed_on_one_line(3));
    CHECK(refused.err.find(broken) != std::string::npos);
    CHECK(tool::run({"tally"}).failed_on_one_line(2));
}

TEST_CASE("decoys belong to the unbroken model, and draws are remembered for other seeds", "[tool]") {
    const test::scratch_folder folder;
    const std::string model = tool::mixture, journal = folder.file("draws.jsonl");
    const auto told =
        tool::run({"demo", "--model", model, "--act", "1", "--kind", "expert", "--targets", "expert", "--decoys", "2",
                   "--easy-tokens", "64", "--folder", folder.file("act"), "--journal", journal, "--json"});
    INFO(told.out << told.err);
    REQUIRE(told.code == 0);
    const auto document = told.json();
    const auto& act = document.at("act_1");
    const auto& seal = act.at("seal");
    REQUIRE(seal.at("decoys").as_array().size() == 2);
    CHECK(told.err.find("which has the decoys as well") != std::string::npos);
    CHECK(act.at("exact_inverse_is_byte_identical").as_bool());
    const double divergence = seal.at("divergence_decoys").to_number<double>();
    CHECK((divergence > 0 && divergence <= 0.1));
    // The mended model keeps its decoys: from a reference without them it would diverge by as much as they do.
    CHECK(act.at("arms").at(2).at("kl").at("mean").to_number<double>() < divergence / 2);

    const auto lines_of_journal = [&] {
        const std::string text = tool::text_of(journal);
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    };
    const auto plant = [&](const std::string& seed, const std::string& max_tokens) {
        return tool::run({"plant", "--model", model, "--kind", "expert", "--suite", "known_fit", "--seed", seed,
                          "--max-tokens", max_tokens, "--journal", journal, "--out", folder.file("broken" + seed),
                          "--seal", folder.file("seal" + seed), "--json"});
    };
    const std::size_t draws = seal.at("draws").as_array().size(), lines = lines_of_journal();
    CHECK(lines == 1 + 5 * draws);  // a factor a line
    const auto again = plant("1", "64");
    INFO(again.out << again.err);
    REQUIRE(again.code == 0);
    CHECK(again.json().at("draws").to_number<std::size_t>() == draws);
    CHECK(lines_of_journal() == lines);
    CHECK(plant("2", "48").failed_on_one_line(3));
}

TEST_CASE("act 2 searches, reports, and writes a file only where a plan is within the budget", "[tool]") {
    const test::scratch_folder folder;
    const auto told = tool::run({"demo", "--model", tool::dense, "--act", "2", "--select", "4", "--report", "4",
                                 "--max-tokens", "64", "--most-plans", "4", "--folder", folder.file("act"), "--json"});
    INFO(told.out << told.err);
    REQUIRE(told.code == 0);
    const auto document = told.json();
    CHECK(!document.as_object().contains("act_1"));
    const auto& act = document.at("act_2");
    CHECK(act.at("arms").as_array().size() > 2);
    CHECK(act.at("search").at("trials").as_array().size() >= 4);
    CHECK(act.at("chosen").is_null() == (told.err.find("no file was written") != std::string::npos));
}
