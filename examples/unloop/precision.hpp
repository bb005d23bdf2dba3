// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How high rankings of many runs place what was planted.
#ifndef UNLOOP_EXAMPLES_PRECISION_HPP
#define UNLOOP_EXAMPLES_PRECISION_HPP

#include <boost/json/array.hpp>  // documents
#include <cstddef>               // size_t
#include <span>                  // runs
#include <string>                // names
#include <vector>                // ranks

namespace tool {

struct ranking {
    std::string name;
    bool is_baseline = false;
    std::vector<std::size_t> ranks;  ///< of each planted target; 0: not listed
};
using run_rankings = std::vector<ranking>;

/// "3, -": nothing where the run has no such ranking.
[[nodiscard]] std::string ranks_text(const run_rankings& run, const std::string& name);

/// Shares of the planted targets that are among the first 1, 3 and 10 of each ranking of the first run, over all runs
/// and over those in which no baseline ranks a planted target first.
[[nodiscard]] std::string precisions_text(std::span<const run_rankings> runs);

/// Comparisons of methods with a seal (`unloop localize --compare --seal FILE --json`): a row each, then their
/// precisions. Throws `unloop::error` naming `where` for another document.
[[nodiscard]] std::string comparisons_text(const boost::json::array& documents, const std::string& where);

}  // namespace tool

#endif
