// expect: target_attribution: needs unloop::target_scores score(const Model&, const unloop::recorded_run&, const
// expect: Objective&, Executor&) const; see docs/concepts/attribution.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A method whose score takes no executor.
#include <unloop/attribute/attribution.hpp>

#include <string_view>  // name

#include "compile_fail/any_model.hpp"

struct method {
    static constexpr std::string_view name = "mine";
    template <class Model, class Objective>
    unloop::target_scores score(const Model& model, const unloop::recorded_run&, const Objective&) const {
        return unloop::target_scores(model.config());
    }
};

unloop::target_scores use(const any_model& model, const unloop::record& row) {
    return unloop::attribute(model, row, method{}, unloop::loop_margin{});
}
