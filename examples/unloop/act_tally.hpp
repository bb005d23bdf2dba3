// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What several runs of act 1 say together.
#ifndef UNLOOP_EXAMPLES_ACT_TALLY_HPP
#define UNLOOP_EXAMPLES_ACT_TALLY_HPP

#include <boost/json/array.hpp>  // acts
#include <string>                // what is told

namespace tool {

/// A row an act (what was planted, ranks, what was chosen, loops, divergences); how many found all that was planted and
/// how many files were mended; the precision of every ranking, over all acts and over those in which no baseline ranks
/// a planted target first. Throws `unloop::error` naming `where` unless `acts` are documents of act 1.
[[nodiscard]] std::string tally_text(const boost::json::array& acts, const std::string& where);

}  // namespace tool

#endif
