// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as a side-effect metric; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/evaluate/side_effect_metric.hpp>

#include <archetypes/side_effect_metric.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/side_effect_metric.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/predictions.hpp>

#include <memory>
#include <string>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

using model_type = decltype(tests::golden_llama());
using names = std::vector<std::string>;
using plans = std::span<const plan* const>;
using texts = std::span<const forced_text>;

const auto divergences = [](const model_type& model, plans edits, texts read, const forced_options& options) {
    return token_divergences(model, edits, read, options);
};
const auto predictions = [](const model_type& model, plans edits, texts read, const forced_options& options) {
    return score_predictions(model, edits, read, options);
};
/// Mean divergence of each plan.
const auto means = [](const model_type& model, plans edits, texts read, const forced_options& options) {
    std::vector<double> found;
    for (const divergence& one : token_divergences(model, edits, read, options)) found.push_back(one.mean);
    return found;
};

static_assert(side_effect_metric<archetypes::side_effect_metric, model_type>);
static_assert(side_effect_metric<decltype(divergences), model_type>);
static_assert(side_effect_metric<decltype(predictions), model_type>);
static_assert(!side_effect_metric<int, model_type>);
struct answers_one_number {
    double operator()(const model_type&, plans, texts, const forced_options&) const;
};
struct cannot_be_compared {
    struct result {};
    std::vector<result> operator()(const model_type&, plans, texts, const forced_options&) const;
};
static_assert(!side_effect_metric<answers_one_number, model_type>);
static_assert(!side_effect_metric<cannot_be_compared, model_type>);

/// The laws that `means` breaks after `spoil(found, edits, options)`.
template <class Spoil>
names laws_broken_by(const model_type& model, const Spoil& spoil) {
    return laws::broken_side_effect_metric_laws(
        [&](const model_type& asked, plans edits, texts read, const forced_options& options) {
            std::vector<double> found = means(asked, edits, read, options);
            spoil(found, edits, options);
            return found;
        },
        model);
}

}  // namespace

TEST_CASE("the library's metrics and the smallest own one keep the laws of side-effect metrics", "[laws]") {
    const auto model = tests::golden_llama();
    CHECK(laws::broken_side_effect_metric_laws(divergences, model) == names{});
    CHECK(laws::broken_side_effect_metric_laws(predictions, model) == names{});
    CHECK(laws::broken_side_effect_metric_laws(means, model) == names{});
    CHECK(laws::broken_side_effect_metric_laws(archetypes::side_effect_metric(0), model) == names{});
}

TEST_CASE("the laws of side-effect metrics find what is wrong", "[laws]") {
    const auto model = tests::golden_llama();
    using values = std::vector<double>;
    CHECK(laws_broken_by(model, [](values& found, plans, const forced_options&) { found.push_back(0); }) ==
          names{"completeness: one result for each plan, in their order"});
    CHECK(laws_broken_by(model, [](values& found, plans edits, const forced_options&) {
              for (std::size_t i = 0; i < edits.size(); ++i) found[i] += edits[i] && !edits[i]->empty() ? 1 : 0;
          }) == names{"nothing for nothing: plans that change nothing have the result of the model as it is"});
    CHECK(laws_broken_by(model, [](values& found, plans, const forced_options&) {
              for (double& value : found) value = 0;
          }) == names{"sight: inverting and amplifying half of the neurons shows"});
    CHECK(laws_broken_by(model, [](values& found, plans, const forced_options& options) {
              for (double& value : found) value /= static_cast<double>(options.threads);
          }) == names{"threads: results do not depend on their number, bit for bit"});
    CHECK(laws_broken_by(model, [](values& found, plans, const forced_options& options) {
              for (double& value : found) value += static_cast<double>(options.logit_rows);
          }) == names{"memory: results do not depend on the rows of logits in memory, bit for bit"});
    CHECK(laws_broken_by(model, [](values& found, plans, const forced_options&) {
              const double first = found.front();
              for (double& value : found) value -= first;
          }) == names{"alone or together: a result does not depend on the other plans, bit for bit"});
    const auto broken =
        laws_broken_by(model, [calls = std::make_shared<int>(0)](values& found, plans, const forced_options&) {
            for (double& value : found) value += *calls;
            ++*calls;
        });
    CHECK(broken.front() == "determinism: equal plans and texts give equal results");
}
