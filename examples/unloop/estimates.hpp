// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What long work takes, told before it begins.
#ifndef UNLOOP_EXAMPLES_ESTIMATES_HPP
#define UNLOOP_EXAMPLES_ESTIMATES_HPP

#include <unloop/model/backward_state.hpp>
#include <unloop/search/learned_gains.hpp>
#include <unloop/search/localization.hpp>

#include <cstddef>  // size_t
#include <span>     // prompts
#include <string>   // texts
#include <vector>   // prompts

namespace tool {

/// "84 MiB and 3.4 times a forward pass".
[[nodiscard]] std::string describe(const unloop::backward_cost& gradient);

/// Of `learn_gains`, in a line.
[[nodiscard]] std::string describe(const unloop::gain_cost& cost);

/// Of the method that localisation is asked for besides its own, in a line; empty when it is none of the costly ones.
[[nodiscard]] std::string method_estimate(const unloop::decoder_config& config,
                                          std::span<const std::vector<unloop::token_id>> prompts,
                                          const unloop::localize_options& options);

}  // namespace tool

#endif
