// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A whole row of the table from hand-made records, and once from the real model.
#include <unloop/evaluate/measurement.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/copying.hpp>
#include <unloop/evaluate/matched_controls.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/evaluate/reference_text_json.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

record said(const std::string& text, stop_reason reason) {
    record answer;
    answer.text = text;
    answer.reason = reason;
    for (std::size_t i = 0; i < text.size() / 4 + 1; ++i) answer.tokens.push_back(static_cast<token_id>(i));
    return answer;
}

const probe_suite suite{"s",
                        data_role::report,
                        {{"List gases.", "gases", "", {"Neon", "Argon", "Xenon", "Radon"}, probe_class::list},
                         {"Name dogs.", "dogs", "", {}, probe_class::list}}};

std::string collapsed() {
    std::string text;
    for (int i = 1; i < 20; ++i) text += std::to_string(i) + ". Neon\n";
    return text;
}

constexpr auto ended = stop_reason::end_token;
constexpr auto cut = stop_reason::length;

}  // namespace

TEST_CASE("a measurement counts what the answers are", "[measurement]") {
    const std::vector<record> before{said(collapsed(), cut), said("Pug\nBoxer\nBeagle\nPoodle\nCollie\nHusky\n", ended),
                                     said("Neon\nArgon\nNeon\nIron\n", ended), said("Pug", ended)};
    const measurement shipped = measure("as shipped", suite, before);
    CHECK(shipped.name == "as shipped");
    CHECK(shipped.outcomes.total() == 4);
    CHECK(shipped.outcomes.share(outcome::collapse).count == 1);
    CHECK(shipped.outcomes.share(outcome::ended_with_content).count == 2);
    CHECK(shipped.outcomes.share(outcome::ended_early).count == 1);
    CHECK(shipped.outcomes.loops() == rate{1, 4});
    CHECK(shipped.natural_end == rate{3, 4});
    CHECK(shipped.distinct_items.mean == (1 + 6 + 3 + 1) / 4.0);
    CHECK(shipped.repeated_items.mean == (18 + 0 + 1 + 0) / 4.0);
    double tokens = 0;
    for (const record& answer : before) tokens += static_cast<double>(answer.tokens.size()) / 4;
    CHECK(std::abs(shipped.tokens.mean - tokens) < 1e-12);
    REQUIRE(shipped.recall.has_value());
    CHECK(shipped.recall->count == 2);
    CHECK(shipped.recall->mean == (1.0 / 4 + 2.0 / 4) / 2);
    CHECK(std::abs(shipped.precision->mean - (1.0 / 1 + 2.0 / 3) / 2) < 1e-12);

    SECTION("compared with the unedited answers, and by topic") {
        const std::vector<record> after{said("Neon\nArgon\nXenon\n", ended), said("Pug\n", ended),
                                        said("Neon\nArgon\nXenon\nRadon\n", ended), said("Pug\nBoxer\n", ended)};
        const measurement edited = measure("edited", suite, after, before);
        CHECK(edited.answers[0].what == outcome::ended_with_content);
        CHECK(edited.answers[1].what == outcome::ended_early);
        const auto loops = [](const answer_score& score) { return is_loop(score.what) ? 1.0 : 0.0; };
        const paired_difference change = compare(suite, shipped, edited, loops);
        CHECK(change.topics == 2);
        CHECK(change.lowered == 1);
        CHECK(change.mean == -0.25);  // gases -1/2, dogs 0
        const paired_difference items =
            compare(suite, shipped, edited, [](const answer_score& s) { return static_cast<double>(s.distinct); });
        CHECK(items.mean == (1.5 - 2.0) / 2);
        REQUIRE(edited.changes.has_value());
        CHECK(edited.changes->loops.by_topic == change.by_topic);
        CHECK(edited.changes->loops.by_topic == std::vector<topic_pair>{{"gases", 0.5, 0}, {"dogs", 0, 0}});
        CHECK(edited.changes->items.by_topic == std::vector<topic_pair>{{"gases", 2, 3.5}, {"dogs", 3.5, 1.5}});
        CHECK_FALSE(shipped.changes.has_value());
    }
    SECTION("half of the unedited list is needed") {
        const std::vector<record> after{said("Neon\nArgon\nXenon\n", ended), said("Pug\nBoxer\nHusky\n", ended)};
        const std::vector<record> long_before{said(collapsed(), cut), said("A1\nB1\nC1\nD1\nE1\nF1\nG1\n", ended)};
        CHECK(measure("e", suite, after, long_before).answers[1].what == outcome::ended_early);
        CHECK(measure("e", suite, after).answers[1].what == outcome::ended_with_content);
    }
}

TEST_CASE("without gold there is no recall, and a cancelled answer is no answer", "[measurement]") {
    const probe_suite dogs{"d", data_role::report, {suite.probes[1]}};
    const std::vector<record> answers{said("Pug\n", ended)};
    CHECK_FALSE(measure("a", dogs, answers).recall.has_value());
    const std::vector<record> cancelled{said("Pug\n", stop_reason::cancelled)};
    CHECK_THROWS_AS(measure("a", dogs, cancelled), error);
}

TEST_CASE("the real model loops on lists, and an edit shows in the divergence", "[measurement][real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    const std::string folder = std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/";
    probe_suite probes = read_probe_suite(folder + "lists_fit.json");
    probes.probes.resize(6);
    std::vector<std::vector<token_id>> prompts;
    for (const probe& asked : probes.probes) prompts.push_back(encode_prompt(model, chat{asked.prompt}));
    const target_scores strengths = strength_on_texts(model, prompts, 2);
    plan strongest;
    for (std::int32_t layer = 10; layer < 20; ++layer) {
        const auto& row = strengths.of<neuron_id>(static_cast<std::size_t>(layer));
        const auto neuron = static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin());
        strongest.edits.push_back({neuron_id{layer, neuron}, 0.0F});
    }
    const plan control = matched_controls(strongest, strengths, {.draws = 1}).front();
    const std::vector<arm> arms{{"as shipped", nullptr}, {"strongest", &strongest}, {"control", &control}};
    const auto answers = answer_suite(model, probes, arms, {.max_tokens = 96, .batch = 18, .threads = 2});
    const measurement shipped = measure("as shipped", probes, answers[0].answers);
    const measurement edited = measure("strongest", probes, answers[1].answers, answers[0].answers);
    CHECK(shipped.outcomes.loops().value() > 0.2);
    CHECK(shipped.outcomes.total() == 6);
    CHECK(edited.outcomes.total() == 6);
    CHECK(shipped.recall.has_value());

    const auto texts = force(model, texts_of(read_text_suite(folder + "texts.json"), data_role::fit));
    const std::vector<const plan*> plans{&strongest, &control};
    const auto changed = token_divergences(model, plans, texts, {.threads = 2});
    CHECK(changed[0].mean > 0);
    CHECK(changed[1].mean > 0);
    CHECK(changed[0].worst >= changed[0].mean);
}
