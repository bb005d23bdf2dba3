// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A side-effect metric: what an edit changes on texts where nothing was wrong, one result a plan.
#ifndef UNLOOP_EVALUATE_SIDE_EFFECT_METRIC_HPP
#define UNLOOP_EVALUATE_SIDE_EFFECT_METRIC_HPP

#include <unloop/edit/plan.hpp>
#include <unloop/evaluate/forced_run.hpp>
#include <unloop/evaluate/forced_text.hpp>

#include <concepts>  // convertible_to
#include <cstddef>   // size_t
#include <span>      // plans, texts

namespace unloop::inline v0 {

/// `metric(model, plans, texts, options)`: results by index, one for each plan (null: the model as it is), that can be
/// compared; the texts are read under all plans side by side. Laws and examples: docs/concepts/side_effect_metric.md.
template <class Metric, class Model>
concept side_effect_metric =
    requires(const Metric& metric, const Model& model, std::span<const plan* const> plans,
             std::span<const forced_text> texts, const forced_options& options, std::size_t i) {
        { metric(model, plans, texts, options).size() } -> std::convertible_to<std::size_t>;
        {
            metric(model, plans, texts, options)[i] == metric(model, plans, texts, options)[i]
        } -> std::convertible_to<bool>;
    };

/// Stops compilation with one sentence when `Metric` is no `side_effect_metric`.
template <class Metric, class Model>
constexpr void require_side_effect_metric() noexcept {
    static_assert(
        side_effect_metric<Metric, Model>,
        "side_effect_metric: needs std::vector<Result> operator()(const Model&, std::span<const unloop::plan* "
        "const>, std::span<const unloop::forced_text>, const unloop::forced_options&) const, results "
        "comparable by ==; see docs/concepts/side_effect_metric.md");
}

}  // namespace unloop::inline v0

#endif
