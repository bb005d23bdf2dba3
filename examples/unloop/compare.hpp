// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution methods compared with exact ablation on a model's loops.
#ifndef UNLOOP_EXAMPLES_COMPARE_HPP
#define UNLOOP_EXAMPLES_COMPARE_HPP

#include <unloop/attribute/method_comparison.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/search/localize.hpp>

#include <string>  // paths
#include <vector>  // targets

namespace tool {

struct compare_request {
    std::string model;
    unloop::probe_suite suite;
    unloop::localize_options localize;  ///< answers and runs
    unloop::compare_options compare;
    std::string objective;  ///< of `any_objective::names`
    std::string seal;       ///< a file that tells the planted targets; empty: none are known
    std::string journal;    ///< a file that lets a stopped comparison go on; empty: none
};

struct compared_model {
    std::size_t answers = 0, looping = 0, explained = 0;
    std::vector<unloop::target_id> planted;
    unloop::method_comparisons found;  ///< empty when no loop can be explained
};

/// Throws `unloop::error`.
[[nodiscard]] compared_model compare_model(const compare_request& request);

/// A table for each kind of target, and three of its layers.
[[nodiscard]] std::string describe(const compared_model& compared, const unloop::compare_options& options);

}  // namespace tool

#endif
