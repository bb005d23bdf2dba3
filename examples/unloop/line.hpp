// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The line from a looping model to an edited file, in the steps that subcommands and the demo share.
#ifndef UNLOOP_EXAMPLES_LINE_HPP
#define UNLOOP_EXAMPLES_LINE_HPP

#include <boost/json/object.hpp>  // documents
#include <unloop/edit/receipt.hpp>
#include <unloop/search/any_strategy.hpp>
#include <unloop/search/plant_fault.hpp>
#include <unloop/search/search.hpp>

#include <optional>  // an edit may not be found
#include <string>    // paths

namespace tool {

/// A broken copy was written, and the answer beside it.
struct sealed_fault {
    unloop::planting planted;
    std::string sha256;  ///< of the seal: who knows it can tell that the answer was not changed later
};

/// What is broken, with which questions, and where the result goes.
struct plant_request {
    std::string model;
    unloop::probe_suite suite;
    unloop::planting_options options;
    std::string out, seal;
    std::string journal;  ///< file that remembers what every draw did; empty: none
};

/// Plants a fault into a copy of the model; the answer goes to the seal, readable by its owner alone.
[[nodiscard]] sealed_fault plant_and_seal(const plant_request& request, const boost::json::object& origin);

/// What a person may know without breaking the seal.
[[nodiscard]] std::string describe(const sealed_fault& sealed, const std::string& out, const std::string& seal);

/// What is searched, with which questions, and where the result goes.
struct repair_request {
    std::string model, out, plan_out;
    unloop::probe_suite fit, select;
    unloop::localize_options localize;
    unloop::search_budget budget;
    unloop::search_options search;
    unloop::any_strategy strategy = unloop::greedy_combinations{};
    std::size_t gain_targets = unloop::gain_options{}.most_targets;  ///< of the first plan of learned gains
    std::string journal = {};  ///< file in which the search remembers what it measured; empty: none
};

struct repair {
    unloop::localization found;
    std::optional<unloop::gain_schedule> gains;     ///< where they were learned
    std::optional<unloop::search_result> searched;  ///< absent when nothing loops
    std::optional<unloop::plan> chosen;             ///< the best plan within the budget
    std::optional<unloop::receipt> written;
};

/// Localises on `fit`, searches on `select`, writes the best plan and the edited copy where there is one within the
/// budget. Throws `unloop::error`.
[[nodiscard]] repair repair_model(const repair_request& request, const boost::json::object& origin);

/// Localisation alone.
[[nodiscard]] unloop::localization localize_model(const std::string& model, const unloop::probe_suite& suite,
                                                  const unloop::localize_options& options);

/// The three rankings and the baselines, the first `count` of each side by side, in a table for each kind of target.
[[nodiscard]] std::string describe(const unloop::localization& found, std::size_t count);

/// Every plan that was tried, with what it cost.
[[nodiscard]] std::string describe(const unloop::search_result& result);

/// What was best in loops, divergence and weights at once, and, where the best of many plans is no better than chance
/// makes the best of many, a warning.
[[nodiscard]] std::string describe_selection(const unloop::search_result& result);

/// "3.17 x -1, expert 4.5 x 0.25": neurons of the dense MLP go without their kind.
[[nodiscard]] std::string brief(const unloop::plan& edits);

}  // namespace tool

#endif
