// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it takes all plans that are compared.
#include <unloop/evaluate/side_effect_metric.hpp>

#include <span>    // plans, texts
#include <vector>  // results

#include "compile_fail/any_model.hpp"

struct metric {
    template <class Model>
    std::vector<double> operator()(const Model&, std::span<const unloop::plan* const> plans,
                                   std::span<const unloop::forced_text>, const unloop::forced_options&) const {
        return std::vector<double>(plans.size());
    }
};

void use() { unloop::require_side_effect_metric<metric, any_model>(); }
