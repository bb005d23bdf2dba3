// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Short complete lists as questions: their texts name all of their own items, and answers are scored against them.
#include <unloop/evaluate/short_lists.hpp>

#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/reference_text_json.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

text_suite example_texts() {
    return read_text_suite(std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/texts.json");
}

}  // namespace

TEST_CASE("lists with a prompt become questions", "[short_lists]") {
    const text_suite texts{"n",
                           {{"colours", "list", data_role::select, "Which colours?", "- Red\n- Green\n- red"},
                            {"bare", "list", data_role::select, "", "- One\n- Two"},
                            {"later", "list", data_role::report, "p", "- One\n- Two"},
                            {"prose", "prose", data_role::select, "p", "Text."}}};
    const probe_suite suite = short_lists(texts, data_role::select);
    REQUIRE(suite.probes.size() == 1);
    CHECK(suite.role == data_role::select);
    CHECK(suite.probes[0].prompt == "Which colours?");
    CHECK(suite.probes[0].topic == "colours");
    CHECK(suite.probes[0].gold == std::vector<std::string>{"red", "green"});
}

TEST_CASE("the example lists name all of their own items, and no list those of another", "[short_lists]") {
    const text_suite texts = example_texts();
    std::size_t questions = 0;
    for (const data_role role : {data_role::fit, data_role::select, data_role::report}) {
        const probe_suite suite = short_lists(texts, role);
        questions += suite.probes.size();
        for (const probe& asked : suite.probes) {
            INFO(asked.topic);
            const auto written = std::find_if(texts.texts.begin(), texts.texts.end(),
                                              [&](const reference_text& text) { return text.name == asked.topic; });
            const gold_list gold(asked.gold);
            CHECK(gold.size() >= 4);
            CHECK(gold.score(read_answer(written->text, answer_end::natural)).recall == rate{gold.size(), gold.size()});
            const std::string half = written->text.substr(0, written->text.size() / 2);
            CHECK(gold.score(read_answer(half, answer_end::cut)).recall.count < gold.size());
        }
    }
    CHECK(questions >= 15);
    const auto months = short_lists(texts, data_role::report).probes.front();
    CHECK(months.gold.size() == 12);
}

TEST_CASE("the real model names most items of short lists, and fewer without the neurons of its first layer",
          "[short_lists][real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    std::vector<target_id> layer;
    for (std::size_t i = 0; i < model.config().layers[0].mlp_width; ++i)
        layer.push_back(neuron_id{0, static_cast<std::int32_t>(i)});
    const plan broken = suppress(layer);
    const std::vector<arm> arms{{"as shipped", nullptr}, {"broken", &broken}};
    const probe_suite suite = short_lists(example_texts(), data_role::select);
    const auto recalls = short_list_recall(model, suite, arms, {.threads = 2});
    REQUIRE(recalls[0]);
    REQUIRE(recalls[1]);
    INFO(recalls[0]->mean << " " << recalls[1]->mean);
    CHECK(recalls[0]->mean > 0.5);
    CHECK(recalls[1]->mean < recalls[0]->mean / 2);
    CHECK_FALSE(short_list_recall(model, probe_suite{}, arms, {})[0].has_value());
}
