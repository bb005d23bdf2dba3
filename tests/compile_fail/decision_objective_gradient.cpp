// expect: decision_objective: needs std::vector<unloop::logit_weight> gradient(std::span<const float> logits, const
// expect: unloop::decision&) const; see docs/concepts/objective.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// An objective without a gradient.
#include <unloop/attribute/exact_ablation.hpp>

#include <span>    // logits
#include <vector>  // gradients

struct objective {
    double value(std::span<const float>, const unloop::decision&) const { return 0; }
};

double use(const unloop::recorded_run& run) { return unloop::objective_of(run, objective{}); }
