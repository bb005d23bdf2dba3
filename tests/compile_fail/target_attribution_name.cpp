// expect: target_attribution: needs static constexpr std::string_view name; see docs/concepts/attribution.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A method without a name.
#include <unloop/attribute/attribution.hpp>

#include <string_view>  // name

#include "compile_fail/any_model.hpp"

struct method {
    template <class Model, class Objective, class Executor>
    unloop::target_scores score(const Model& model, const unloop::recorded_run&, const Objective&, Executor&) const {
        return unloop::target_scores(model.config());
    }
};

void use() { unloop::require_target_attribution<method, any_model, unloop::loop_margin>(); }
