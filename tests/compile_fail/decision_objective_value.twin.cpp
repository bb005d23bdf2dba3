// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it answers in double.
#include <unloop/attribute/objective.hpp>

#include <span>    // logits
#include <vector>  // gradients

struct objective {
    double value(std::span<const float>, const unloop::decision&) const { return 0; }
    std::vector<unloop::logit_weight> gradient(std::span<const float>, const unloop::decision&) const { return {}; }
};

void use() { unloop::require_decision_objective<objective>(); }
