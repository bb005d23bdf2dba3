// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of side-effect metrics as a function that names what is broken; it needs no test framework, but a model.
#ifndef UNLOOP_LAWS_SIDE_EFFECT_METRIC_HPP
#define UNLOOP_LAWS_SIDE_EFFECT_METRIC_HPP

#include <unloop/core/random.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/evaluate/side_effect_metric.hpp>

#include <cstddef>  // size_t
#include <span>     // plans
#include <string>   // names of broken laws
#include <vector>   // texts, plans, broken laws

namespace laws {

namespace detail {

/// Texts of random tokens, of different lengths, with and without a prompt.
template <class Model>
std::vector<unloop::forced_text> random_texts(const Model& model) {
    std::vector<unloop::forced_text> texts;
    for (std::size_t n = 0; n < 3; ++n) {
        unloop::random_sequence random(1, n);
        unloop::forced_text text{"text " + std::to_string(n), {}, 1 + 3 * n};
        for (std::size_t t = 0; t < 9 + 4 * n; ++t)
            text.tokens.push_back(static_cast<unloop::token_id>(random.below(model.config().vocabulary)));
        texts.push_back(text);
    }
    return texts;
}

/// Every `step`th neuron of each layer times `factor`.
template <class Model>
unloop::plan broad_plan(const Model& model, std::size_t step, float factor) {
    unloop::plan edits;
    const auto& layers = model.config().layers;
    for (std::size_t l = 0; l < layers.size(); ++l)
        for (std::size_t j = 0; j < layers[l].mlp_width; j += step)
            edits = edits + unloop::scale(unloop::neuron_id{static_cast<std::int32_t>(l), static_cast<std::int32_t>(j)},
                                          factor);
    return edits;
}

}  // namespace detail

/// The broken laws of `metric` on random texts and plans of `model`, whose layers have neurons; empty if it keeps them
/// all. Meant for small models.
template <class Metric, class Model>
[[nodiscard]] std::vector<std::string> broken_side_effect_metric_laws(const Metric& metric, const Model& model) {
    unloop::require_side_effect_metric<Metric, Model>();
    const auto texts = detail::random_texts(model);
    const unloop::plan empty, ones = detail::broad_plan(model, 5, 1.0F), strong = detail::broad_plan(model, 2, -4.0F),
                              weak = detail::broad_plan(model, 9, 0.5F);
    const std::vector<const unloop::plan*> plans{nullptr, &empty, &ones, &strong, &weak};
    const auto results = metric(model, plans, texts, unloop::forced_options{});
    if (results.size() != plans.size()) return {"completeness: one result for each plan, in their order"};

    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    demand(results[1] == results[0] && results[2] == results[0],
           "nothing for nothing: plans that change nothing have the result of the model as it is");
    demand(!(results[3] == results[0]), "sight: inverting and amplifying half of the neurons shows");
    const auto is_same = [&](const unloop::forced_options& options) {
        const auto again = metric(model, plans, texts, options);
        for (std::size_t i = 0; i < plans.size(); ++i)
            if (!(again[i] == results[i])) return false;
        return true;
    };
    demand(is_same({}), "determinism: equal plans and texts give equal results");
    demand(is_same({.threads = 3}), "threads: results do not depend on their number, bit for bit");
    demand(is_same({.logit_rows = 1}) && is_same({.logit_rows = 17}),
           "memory: results do not depend on the rows of logits in memory, bit for bit");
    bool is_same_alone = true;
    for (std::size_t i = 0; i < plans.size(); ++i)
        is_same_alone = is_same_alone &&
                        metric(model, std::span(plans).subspan(i, 1), texts, unloop::forced_options{})[0] == results[i];
    demand(is_same_alone, "alone or together: a result does not depend on the other plans, bit for bit");
    return broken;
}

}  // namespace laws

#endif
