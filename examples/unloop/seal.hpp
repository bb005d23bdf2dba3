// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What the seal of a planted fault says, once it is opened.
#ifndef UNLOOP_EXAMPLES_SEAL_HPP
#define UNLOOP_EXAMPLES_SEAL_HPP

#include <boost/json/value.hpp>  // seals
#include <span>                  // targets
#include <string>                // what is told
#include <unloop/edit/plan.hpp>
#include <vector>  // targets

namespace tool {

/// Of the "edits" of a document; empty where these are null. `where` is named when they are not understood.
[[nodiscard]] unloop::plan plan_of(const boost::json::value& edits, const std::string& where);

[[nodiscard]] std::vector<unloop::target_id> planted_targets(const boost::json::value& seal, const std::string& where);

/// "neuron 3.17 x 16", and more of them.
[[nodiscard]] std::string opened_text(const boost::json::value& seal, std::span<const unloop::target_id> planted);

}  // namespace tool

#endif
