// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Known items: scores of choices against texts that are read one by one, and the judgement made by hand.
#include <unloop/evaluate/known_items.hpp>

#include <unloop/evaluate/measurement.hpp>
#include <unloop/evaluate/predictions.hpp>

#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

const closed_list gases{"gases",
                        "a gas",
                        "chemistry",
                        {"Neon", "Argon|Ar", "Xenon", "Radon"},
                        {"Iron", "Tin", "Lead", "Gold", "Zinc", "Nickel"}};

}  // namespace

TEST_CASE("a choice has the mean log-probability that reading it alone has, to the bit", "[known_items]") {
    const auto model = tests::golden_llama();
    random_sequence random(5);
    const auto draw = [&](std::size_t length) {
        std::vector<token_id> tokens;
        while (tokens.size() < length) tokens.push_back(static_cast<token_id>(random.below(model.config().vocabulary)));
        return tokens;
    };
    const std::vector<token_id> prompt = draw(9);
    std::vector<std::vector<token_id>> candidates;
    std::vector<forced_text> texts;
    for (std::size_t k = 0; k < 37; ++k) {  // more than two groups of rows
        candidates.push_back(draw(1 + k % 5));
        texts.push_back({std::to_string(k), prompt, prompt.size()});
        texts[k].tokens.insert(texts[k].tokens.end(), candidates[k].begin(), candidates[k].end());
    }
    thread_pool pool(2);
    const std::vector<double> scores = choice_scores(model, prompt, candidates, pool);
    const auto alone = score_predictions(model, nullptr, texts).surprise_by_text;
    REQUIRE(scores.size() == candidates.size());
    for (std::size_t k = 0; k < scores.size(); ++k) CHECK(scores[k] == -alone[k]);
    const std::vector<std::vector<token_id>> single(candidates.begin(), candidates.begin() + 1);
    CHECK(choice_scores(model, prompt, single, pool).front() == scores.front());
}

TEST_CASE("an item is known that is preferred to each of its rivals in enough forms", "[known_items]") {
    // Three items, then four distractors, all of which are rivals.
    const std::vector<std::vector<double>> scores{
        {-1, -3, -1, -2, -2, -2, -2}, {-1, -1, -2, -2, -2, -2, -2}, {-9, -1, -3, -2, -2, -2, -2}};
    CHECK(detail::judge_items(scores, 3, {}) == std::vector<bool>{true, true, false});
    CHECK(detail::judge_items(scores, 3, {.needed = 1}) == std::vector<bool>{true, true, true});
    CHECK(detail::judge_items(scores, 3, {.needed = 3}) == std::vector<bool>{false, false, false});
}

TEST_CASE("rivals are different distractors, drawn for each item by the seed", "[known_items]") {
    std::set<std::vector<std::size_t>> seen;
    for (std::size_t item = 0; item < 20; ++item) {
        const auto drawn = detail::draw_distractors(6, 4, 3, item);
        CHECK(std::set<std::size_t>(drawn.begin(), drawn.end()).size() == 4);
        for (const std::size_t one : drawn) CHECK(one < 6);
        CHECK(drawn == detail::draw_distractors(6, 4, 3, item));
        seen.insert(drawn);
    }
    CHECK(seen.size() > 10);
}

TEST_CASE("a suite is marked by topic, and errors say what is missing", "[known_items]") {
    const auto model = tests::golden_llama();
    probe_suite suite{"s",
                      data_role::report,
                      {{"List gases.", "gases", "", gases.items},
                       {"Name dogs.", "dogs", "", {}},
                       {"Gases!", "gases", "", gases.items},
                       {"Two gases!", "gases", "", {"Neon", "Argon"}}},
                      {gases}};
    const known_item_options options{.seed = 1, .threads = 2, .is_chat = false};
    mark_known(model, suite, options);
    CHECK(suite.probes[0].known.size() == 4);
    CHECK(suite.probes[1].known.empty());
    CHECK(suite.probes[2].known == suite.probes[0].known);
    CHECK(suite.probes[3].known.empty());  // gold of its own, of which nothing was asked
    thread_pool pool(1);
    CHECK(known_items(model, gases, pool, options) == suite.probes[0].known);
    known_item_options many = options;
    many.distractors = 7;
    CHECK_THROWS_AS(known_items(model, gases, pool, many), error);
    CHECK_THROWS_AS(known_items(model, gases, pool), error);  // no chat template
    CHECK_THROWS_AS(mark_known(model, suite, options, [](const progress_event&) { return false; }), error);
}

TEST_CASE("a process failure is known, not listed, in an answer that looped", "[known_items]") {
    probe_suite suite{
        "s", data_role::report, {{"List gases.", "gases", "", gases.items}, {"Name dogs.", "dogs", "", {}}}};
    suite.probes[0].known = {true, true, true, false};
    const auto said = [](const std::string& text, stop_reason reason) {
        record answer;
        answer.text = text, answer.reason = reason, answer.tokens = {1};
        return answer;
    };
    std::string collapsed;
    for (int i = 1; i < 20; ++i) collapsed += std::to_string(i) + ". Neon\n";
    const record dogs = said("Pug\nBoxer\nBeagle\n", stop_reason::end_token);
    const std::vector<record> before{said(collapsed, stop_reason::length), dogs,
                                     said("Neon\nAr\nRadon\n", stop_reason::end_token), dogs};
    const measurement shipped = measure("as shipped", suite, before);
    CHECK(shipped.answers[0].known == rate{1, 3});
    CHECK(shipped.answers[0].process_failures() == 2);
    CHECK(shipped.answers[2].known == rate{2, 3});  // Radon is not known
    CHECK(shipped.answers[2].process_failures() == 0);
    CHECK(!shipped.answers[1].known);
    CHECK(shipped.process_failures == rate{2, 6});
    REQUIRE(shipped.known_recall);
    CHECK(shipped.known_recall->count == 2);
    CHECK(std::abs(shipped.known_recall->mean - 0.5) < 1e-12);
    const std::vector<record> after{said("Neon\nArgon\nXenon\n", stop_reason::end_token), dogs,
                                    said("Neon\nAr\nIron\n", stop_reason::end_token), dogs};
    const measurement edited = measure("edited", suite, after, before);
    REQUIRE(edited.changes);
    REQUIRE(edited.changes->known_recall);
    CHECK(edited.changes->known_recall->topics == 1);
    CHECK(std::abs(edited.changes->known_recall->mean - (5.0 / 6 - 0.5)) < 1e-12);
    CHECK(std::abs(edited.changes->gold_items->mean - (2.5 - 2)) < 1e-12);
    CHECK(std::abs(edited.changes->precision->mean - (5.0 / 6 - 1)) < 1e-12);
    suite.probes[0].known.clear();
    CHECK(!measure("as shipped", suite, before).known_recall);
}
