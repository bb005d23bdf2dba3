// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it has a name.
#include <unloop/attribute/attribution.hpp>

#include <string_view>  // name

#include "compile_fail/any_model.hpp"

struct method {
    static constexpr std::string_view name = "mine";
    template <class Model, class Objective, class Executor>
    unloop::target_scores score(const Model& model, const unloop::recorded_run&, const Objective&, Executor&) const {
        return unloop::target_scores(model.config());
    }
};

void use() { unloop::require_target_attribution<method, any_model, unloop::loop_margin>(); }
