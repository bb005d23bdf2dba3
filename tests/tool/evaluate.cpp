// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// evaluate and search as a shell runs them, on a small trained model.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <filesystem>

#include "run_tool.hpp"

namespace {

using tool::dense;

std::vector<std::string> evaluation(const std::string& edit, std::vector<std::string> more) {
    std::vector<std::string> arguments{"evaluate", "--model",   dense, "--probes", "4",        "--max-tokens",
                                       "48",       "--threads", "2",   "--json",   "--neuron", edit};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::vector<std::string> search(std::vector<std::string> more) {
    std::vector<std::string> arguments{"search", "--model",      dense, "--fit-probes", "6", "--select-probes",
                                       "4",      "--max-tokens", "64",  "--most-plans", "6", "--threads",
                                       "2",      "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

/// What was found, without how it came about: a journal makes the arguments differ.
std::string found(const tool::outcome& done) {
    boost::json::value document = done.json();
    document.as_object().erase("origin");
    return boost::json::serialize(document);
}

}  // namespace

TEST_CASE("evaluate measures controls that diverge as the edit does, null edits, and the penalty", "[tool]") {
    const tool::outcome done =
        tool::run(evaluation("2.5=-8", {"--controls", "2", "--null-edits", "2", "--statistics-seed", "3"}));
    REQUIRE(done.code == 0);
    const boost::json::value document = done.json();
    const auto& arms = document.at("arms").as_array();
    std::vector<std::string> names;
    for (const auto& arm : arms) names.emplace_back(arm.at("name").as_string());
    CHECK(names == std::vector<std::string>{"as shipped", "edited", "control 1", "control 2", "null edit 1",
                                            "null edit 2", "penalty"});
    const double wanted = arms[1].at("kl").at("mean").as_double();
    CHECK(wanted > 0);
    CHECK(arms[1].at("kl").at("p99").as_double() >= arms[1].at("kl").at("p95").as_double());
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& control = document.at("controls").at(i);
        CHECK(control.at("is_close").as_bool());
        CHECK(std::abs(arms[2 + i].at("kl").at("mean").as_double() / wanted - 1) <= 0.1);
        CHECK(arms[4 + i].at("kl").at("mean").as_double() < 1e-3);
    }
    CHECK(arms[6].at("kl").at("mean").as_double() > 0);
    for (const auto& arm : arms) CHECK(arm.at("onset").at("answers").as_int64() == 4);
    CHECK(arms[1].at("changes").at("loops").at("permutation_p").as_double() <= 1);
}

TEST_CASE("every plan that was opened counts in the correction", "[tool]") {
    const test::scratch_folder folder;
    const std::vector<std::string> log{"--controls", "0", "--penalty", "1", "--openings", folder.file("log")};
    const auto opened = [&](const std::string& edit) { return tool::run(evaluation(edit, log)).json().at("opened"); };
    CHECK(opened("2.5=0").at("openings").as_int64() == 1);
    CHECK(opened("2.5=0").at("openings").as_int64() == 1);  // the same run again
    const auto second = opened("2.6=0");
    CHECK(second.at("openings").as_int64() == 2);
    CHECK(second.at("corrected_p").to_number<double>() >= second.at("p").to_number<double>());
    CHECK(tool::run({"evaluate", "--model", dense, "--openings", folder.file("log")}).failed_on_one_line(2));
}

TEST_CASE("a search goes on from its journal, by whatever strategy", "[tool]") {
    const test::scratch_folder folder;
    const std::string journal = folder.file("journal");
    const tool::outcome plain = tool::run(search({"--strategy", "halving", "--null-edits", "2"}));
    REQUIRE(plain.code == 0);
    const boost::json::value document = plain.json();
    CHECK(document.at("strategy").as_string() == "halving");
    REQUIRE(document.as_object().contains("search"));
    CHECK(!document.at("search").at("front").as_array().empty());
    CHECK(document.at("search").at("null_edits").as_array().size() == 2);
    CHECK(document.at("search").at("noise").at("plans").as_int64() > 0);
    const std::vector<std::string> remembering{"--strategy", "halving", "--null-edits", "2", "--journal", journal};
    CHECK(found(tool::run(search(remembering))) == found(plain));
    const test::byte_vector whole = test::read_file(journal);
    test::write_file(journal, std::span(whole).first(whole.size() / 2));
    CHECK(found(tool::run(search(remembering))) == found(plain));
    CHECK(test::read_file(journal) == whole);
    std::vector<std::string> shorter = search(remembering);
    *std::find(shorter.begin(), shorter.end(), "64") = "32";
    CHECK(tool::run(shorter).failed_on_one_line(3));
    const std::string edited = folder.file("edited");
    REQUIRE(tool::run({"edit", "--model", dense, "--neuron", "1.3=2", "--out", edited}).code == 0);
    std::vector<std::string> of_a_copy = search(remembering);
    *std::find(of_a_copy.begin(), of_a_copy.end(), dense) = edited;
    CHECK(tool::run(of_a_copy).failed_on_one_line(3));
    CHECK(tool::run(search({"--strategy", "luck"})).failed_on_one_line(2));
    CHECK(tool::run(search({"--method", "luck"})).failed_on_one_line(2));
    const auto by_gradient = tool::run(search({"--strategy", "top_k", "--method", "gradient_x_activation"})).json();
    CHECK(!by_gradient.at("search").at("trials").as_array().empty());
    CHECK(by_gradient.at("localization").at("methods").as_array().size() == 5);
    const tool::outcome late = tool::run(search({"--minutes", "0.000001"}));
    CHECK(late.json().at("search").at("out_of_time").as_bool());
}

TEST_CASE("plans are not chosen on a suite that is kept for something else", "[tool]") {
    for (const std::string other : {"fit", "report"}) {
        const tool::outcome refused = tool::run(search({"--select", "lists_" + other}));
        CHECK(refused.failed_on_one_line(3));
        CHECK(refused.err.find("this suite has the role " + other) != std::string::npos);
    }
    const test::scratch_folder folder;
    const std::string lines = "Please name the moons of Felza.\n";
    test::write_file(folder.file("own.txt"), std::as_bytes(std::span(lines)));
    CHECK(tool::run(search({"--select", folder.file("own.txt"), "--minutes", "0.000001"})).code == 0);
}

TEST_CASE("a search with learned gains tells their trade-off on texts held out, and learns none when it is late",
          "[tool]") {
    const tool::outcome done = tool::run(search({"--strategy", "gains", "--gain-targets", "2"}));
    REQUIRE(done.code == 0);
    CHECK(done.err.starts_with("gains: at most "));
    const boost::json::value document = done.json();
    const boost::json::value& gains = document.at("gains");
    CHECK(gains.at("looping").as_int64() > 0);
    CHECK(gains.at("unedited").at("decisions").as_double() > 0);
    const auto& steps = gains.at("steps").as_array();
    REQUIRE(steps.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(steps[i].at("targets").as_int64() == (i == 0 ? 2 : 1));
        for (const char* kind : {"fitted", "exact"}) {
            CHECK(steps[i].at(kind).at("edits").as_array().size() <= 2 - i);
            CHECK(steps[i].at(kind).at("decisions").as_double() > 0);
            CHECK(std::isfinite(steps[i].at(kind).at("others").as_double()));
        }
    }
    REQUIRE(!document.at("search").at("trials").as_array().empty());
    const boost::json::value& tried = document.at("search").at("trials").at(0).at("edits");
    CHECK((tried == steps[0].at("exact").at("edits") || tried == steps[0].at("fitted").at("edits")));

    const tool::outcome late = tool::run(search({"--strategy", "gains", "--minutes", "0.000001"}));
    REQUIRE(late.code == 0);
    CHECK(late.err.empty());
    CHECK(!late.json().as_object().contains("gains"));
    CHECK(late.json().at("search").at("out_of_time").as_bool());
    const tool::outcome costly = tool::run(search({"--method", "layer_conductance", "--minutes", "0.000001"}));
    REQUIRE(costly.code == 0);
    CHECK(costly.err.starts_with("layer_conductance: at most 520 gradients, each at most "));  // 65 a run, 8 runs
}

TEST_CASE("what a search writes is what edit makes of its plan, which a receipt takes back", "[tool]") {
    const test::scratch_folder folder;
    const std::string plan = folder.file("plan.json"), edited = folder.file("edited"), again = folder.file("again");
    const tool::outcome done = tool::run(search({"--no-budget", "--out", edited, "--plan-out", plan}));
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
    REQUIRE(!done.json().at("chosen").is_null());
    const std::string receipt = folder.file("receipt.json"), restored = folder.file("restored");
    REQUIRE(tool::run({"edit", "--model", dense, "--plan", plan, "--out", again, "--receipt", receipt}).code == 0);
    const auto weights = [](const std::string& model) { return tool::text_of(model + "/model.safetensors"); };
    CHECK(weights(edited) == weights(again));
    CHECK(weights(edited) != weights(dense));
    REQUIRE(tool::run({"edit", "--model", again, "--undo", receipt, "--out", restored}).code == 0);
    CHECK(weights(restored) == weights(dense));

    const tool::outcome nothing =
        tool::run(search({"--budget-kl", "0", "--out", folder.file("none"), "--plan-out", folder.file("none.json")}));
    CHECK(nothing.code == 0);
    CHECK(nothing.json().at("chosen").is_null());
    CHECK_FALSE(std::filesystem::exists(folder.file("none")));
    CHECK_FALSE(std::filesystem::exists(folder.file("none.json")));
}
