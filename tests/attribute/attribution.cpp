// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as an attribution method; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/attribute/attribution.hpp>

#include <archetypes/attribution.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/attribution.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/direct_logit.hpp>
#include <unloop/attribute/onset_difference.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "golden_run.hpp"

using namespace attribute_tests;

namespace {

using model_type = decltype(golden_run::model);
using names = std::vector<std::string>;

static_assert(target_attribution<archetypes::attribution, model_type, archetypes::objective>);
static_assert(!target_attribution<int, model_type, loop_margin>);

struct nameless : direct_logit {
    static constexpr int name = 1;
};
static_assert(!has_name<nameless> && scores_targets<nameless, model_type, loop_margin>);
struct answers_one_number {
    static constexpr std::string_view name = "one number";
    template <class... Arguments>
    double score(const Arguments&...) const;
};
static_assert(!target_attribution<answers_one_number, model_type, loop_margin>);

/// A method with a fault: `spoil(scores, calls)` changes what the strength of neurons would be.
template <class Spoil>
struct spoilt {
    static constexpr std::string_view name = "spoilt";
    Spoil spoil;
    mutable int calls = 0;

    template <class Model, class Objective, class Executor>
    target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                        Executor& executor) const {
        target_scores scores = strength_on_run{}.score(model, run, objective, executor);
        spoil(scores, calls++, executor.threads());
        return scores;
    }
};

template <class Spoil>
names laws_broken_by(const golden_run& golden_llama, Spoil spoil) {
    return laws::broken_attribution_laws(spoilt<Spoil>{spoil}, golden_llama.model);
}

}  // namespace

TEST_CASE("the library's methods and the smallest own one keep the laws of attribution", "[laws]") {
    const golden_run golden_llama;
    const auto broken = [&](const auto& method, laws::attribution_claims claims = {}) {
        return laws::broken_attribution_laws(method, golden_llama.model, claims);
    };
    CHECK(broken(direct_logit{}) == names{});
    CHECK(broken(onset_difference{}) == names{});
    CHECK(broken(strength_on_run{}) == names{});
    CHECK(broken(weight_norm{}, {.reads_activations = false}) == names{});
    const archetypes::attribution smallest(0);
    CHECK(broken(smallest) == names{});
    CHECK(laws::broken_attribution_laws(direct_logit{}, golden_llama.model, {}, archetypes::objective(0)) == names{});
}

TEST_CASE("the laws of attribution find what is wrong", "[laws]") {
    const golden_run golden_llama;
    const std::string silence = "silence: a target that is 0 throughout the run scores 0";
    CHECK(laws::broken_attribution_laws(weight_norm{}, golden_llama.model) == names{silence});
    CHECK(laws_broken_by(golden_llama, [](target_scores& scores, int, std::size_t) { scores.neurons(1).pop_back(); }) ==
          names{"completeness: one score for each target that the model has"});
    CHECK(laws_broken_by(golden_llama, [](target_scores& scores, int, std::size_t) {
              scores.neurons(0)[1] = INFINITY;
          }) == names{"finiteness: scores are finite"});
    CHECK(laws_broken_by(golden_llama, [](target_scores& scores, int, std::size_t) {
              scores = target_scores(golden_run().model.config());
          }) == names{"something: not all targets score 0"});
    CHECK(laws_broken_by(golden_llama, [](target_scores& scores, int calls, std::size_t) {
              if (calls == 2) scores /= 2;
          }) == names{"purity: equal runs give equal scores, whatever was scored before"});
    CHECK(laws_broken_by(golden_llama, [](target_scores& scores, int, std::size_t threads) {
              scores /= static_cast<double>(threads);
          }) == names{"threads: scores do not depend on the number of threads, bit for bit"});
}
