// expect: side_effect_metric: needs std::vector<Result> operator()(const Model&, std::span<const unloop::plan* const>,
// expect: std::span<const unloop::forced_text>, const unloop::forced_options&) const, results comparable by ==; see
// expect: docs/concepts/side_effect_metric.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A metric that takes one plan.
#include <unloop/evaluate/side_effect_metric.hpp>

#include <span>    // plans, texts
#include <vector>  // results

#include "compile_fail/any_model.hpp"

struct metric {
    template <class Model>
    std::vector<double> operator()(const Model&, const unloop::plan&, std::span<const unloop::forced_text>,
                                   const unloop::forced_options&) const {
        return {};
    }
};

void use() { unloop::require_side_effect_metric<metric, any_model>(); }
