// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop localize --compare on a small trained model: every method of the list is judged, planted targets are ranked.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/method_list.hpp>

#include <algorithm>

#include "tool/run_tool.hpp"

namespace {

using tool::dense;

std::vector<std::string> small_comparison(std::vector<std::string> more) {
    std::vector<std::string> arguments{"localize",    "--model", dense,     "--probes", "2",      "--compare",
                                       "--most-runs", "1",       "--drawn", "10",       "--best", "2",
                                       "--threads",   "2",       "--suite", "lists_fit"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

TEST_CASE("localize --compare judges every method by exact ablation", "[tool]") {
    const test::scratch_folder folder;
    const std::string seal = R"({"kind": "neuron", "layer": 2, "neuron": 17, "exponent": 3})";
    test::write_file(folder.file("seal"), std::as_bytes(std::span(seal)));
    const auto told = tool::run(small_comparison({"--seal", folder.file("seal"), "--json"}));
    REQUIRE(told.code == 0);
    const boost::json::value document = told.json();
    CHECK(document.at("explained") == 1);
    std::size_t listed = 0;
    unloop::for_each_method([&](const auto& one) {
        if (one.role == unloop::method_role::costly) return;
        CHECK(document.at("methods").at(listed).at("name").as_string() == one.method.name);
        CHECK(document.at("methods").at(listed++).at("role").as_string() == name_of(one.role));
    });
    REQUIRE(document.at("methods").as_array().size() == listed + 1);
    CHECK(document.at("methods").at(listed).at("name") == "decision_ablation");
    for (const boost::json::value& method : document.at("methods").as_array()) {
        CHECK(method.at("ranks").at(0).to_number<int>() >= 1);
        CHECK(method.at("seconds").to_number<double>() > 0);
    }
    const auto& direct = document.at("methods").at(0).at("kinds").at(0);
    CHECK(direct.at("kind") == "neuron");
    for (const char* by_layer : {"spearman_by_layer", "spearman_of_sizes_by_layer", "top_overlap_by_layer"})
        CHECK(direct.at(by_layer).as_array().size() == 5);
    bool has_sealed = false;
    for (const boost::json::value& one : document.at("exact").as_array())
        has_sealed = has_sealed || (one.at("kind") == "neuron" && one.at("layer") == 2 && one.at("neuron") == 17);
    CHECK(has_sealed);

    test::write_file(folder.file("told"), std::as_bytes(std::span(told.out)));
    const auto tally = tool::run({"tally", folder.file("told"), folder.file("told")});
    INFO(tally.out << tally.err);
    REQUIRE(tally.code == 0);
    std::string rows = tally.out.substr(tally.out.find("\nranking"));
    rows.erase(std::unique(rows.begin(), rows.end(), [](char a, char b) { return a == ' ' && b == ' '; }), rows.end());
    for (const boost::json::value& method : document.at("methods").as_array()) {
        std::string row = "\n" + std::string(method.at("role") == "baseline" ? "baseline " : "") +
                          std::string(method.at("name").as_string());
        const bool scores_neurons = !method.at("kinds").as_array().empty();  // those of experts have none to score
        for (const int most : {1, 3, 10}) row += method.at("ranks").at(0).to_number<int>() <= most ? " 2/2" : " 0/2";
        INFO(row);
        CHECK((rows.find(row) != std::string::npos) == scores_neurons);
    }

    const auto table = tool::run(small_comparison({}));
    REQUIRE(table.code == 0);
    CHECK(table.err.find("a gradient over the longest loop takes ") == 0);
    for (const char* part :
         {"neurons\n", "heads\n", "direct_logit", "baseline weight_norm", "Spearman by layer, neurons",
          "Spearman of sizes by layer, neurons", "top 10 by layer, heads"})
        CHECK(table.out.find(part) != std::string::npos);
}

TEST_CASE("localize --compare explains the objective that is named, at the positions that are named", "[tool]") {
    const auto effects = [](std::vector<std::string> more) {
        more.emplace_back("--json");
        const auto told = tool::run(small_comparison(more));
        REQUIRE(told.code == 0);
        return told.json();
    };
    const auto margin = effects({}), ending = effects({"--objective", "end_probability"}),
               inside = effects({"--positions", "inside_loop"});
    CHECK(margin.at("objective") == "loop_margin");
    CHECK(margin.at("positions") == "all_positions");
    CHECK(ending.at("objective") == "end_probability");
    CHECK(inside.at("positions") == "inside_loop");
    const auto drawn = [](const boost::json::value& document) {
        boost::json::array changes;
        for (const boost::json::value& one : document.at("exact").as_array())
            if (one.at("drawn").as_bool()) changes.push_back(one.at("effect"));
        return changes;
    };
    CHECK(drawn(margin) != drawn(ending));
    CHECK(drawn(margin) == drawn(inside));  // effects are over all positions
    CHECK(tool::run(small_comparison({"--objective", "margin"})).code == 2);
    CHECK(tool::run(small_comparison({"--positions", "everywhere"})).code == 2);
}

TEST_CASE("localize --compare refuses what it cannot use, on one line", "[tool]") {
    CHECK(tool::run({"localize", "--model", dense, "--seal", "x"}).code == 2);
    CHECK(tool::run(small_comparison({"--heads", "2"})).code == 2);
    CHECK(tool::run(small_comparison({"--evaluations", "8"})).code == 2);
    CHECK(tool::run(small_comparison({"--costly", "--evaluations", "2"})).code == 2);
    const test::scratch_folder folder;
    const auto told = tool::run(small_comparison({"--json"}));
    test::write_file(folder.file("unsealed"), std::as_bytes(std::span(told.out)));
    CHECK(tool::run({"tally", folder.file("unsealed")}).failed_on_one_line(3));
    CHECK(tool::run(small_comparison({"--seal", "no_such_seal"})).failed_on_one_line(3));
}

TEST_CASE("localize --compare goes on from its journal, and refuses another one", "[tool]") {
    const test::scratch_folder folder;
    const std::string journal = folder.file("journal");
    const auto first = tool::run(small_comparison({"--journal", journal, "--json"}));
    REQUIRE(first.code == 0);
    const auto again = tool::run(small_comparison({"--journal", journal, "--json"}));
    REQUIRE(again.code == 0);
    CHECK(first.json().at("exact") == again.json().at("exact"));
    auto other = small_comparison({"--journal", journal});
    *std::find(other.begin(), other.end(), "10") = "11";
    CHECK(tool::run(other).failed_on_one_line(3));
}

TEST_CASE("localize lists targets of every kind, and what heads attend to", "[tool]") {
    const auto told = tool::run({"localize", "--model", dense, "--probes", "6", "--max-tokens", "96", "--candidates",
                                 "4", "--heads", "2", "--most-runs", "2", "--threads", "2", "--json"});
    INFO(told.err);
    REQUIRE(told.code == 0);
    const boost::json::value document = told.json();
    CHECK(document.at("answers") == 6);
    CHECK(document.at("explained") == 2);
    CHECK(document.at("descent").as_array().empty());
    std::size_t heads = 0;
    for (const boost::json::value& target : document.at("exact").as_array()) {
        if (target.at("kind") != "head") continue;
        ++heads;
        for (const char* const share : {"to_first", "induction"}) {
            const double value = target.at(share).to_number<double>();
            CHECK((value >= 0 && value <= 1));
        }
    }
    CHECK(heads > 0);
    for (const char* const key : {"looping", "free_prompts", "targets", "methods", "layers"})
        CHECK(document.as_object().contains(key));
}
