// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of sinks of progress as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_PROGRESS_SINK_HPP
#define UNLOOP_LAWS_PROGRESS_SINK_HPP

#include <unloop/core/progress.hpp>

#include <cstdint>  // int64_t
#include <string>   // names of broken laws
#include <vector>   // broken laws

namespace laws {

/// What a sink claims.
struct progress_claims {
    bool may_stop = true;  ///< false: it shows, and never cancels
};

/// The broken laws of the sinks that `make()` gives, each new; empty if they keep them all.
template <class Make>
[[nodiscard]] std::vector<std::string> broken_progress_sink_laws(const Make& make, const progress_claims& claims = {}) {
    unloop::require_progress_sink<decltype(make())>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    const auto begins_with = [&](const unloop::progress_event& event) {
        auto sink = make();
        return static_cast<bool>(sink(event));
    };
    demand(begins_with({"one", 0, 10}) && begins_with({"one", 0, 0}) && begins_with({"one", 7, 0}) && begins_with({}),
           "patience: a new sink goes on, whether the total is known or not");
    auto sink = make();
    bool has_stopped = false, is_final = true;
    const auto report = [&](const unloop::progress_event& event) {
        const auto goes_on = static_cast<bool>(sink(event));
        is_final = is_final && !(has_stopped && goes_on);
        has_stopped = has_stopped || !goes_on;
    };
    for (const char* const stage : {"one", "two", "one"})
        for (std::int64_t done = 0; done <= 200; ++done) report({stage, done, 200});
    for (std::int64_t done = 0; done <= 200; ++done) report({"three", done, 0});
    demand(is_final, "finality: a sink that said stop says stop");
    demand(claims.may_stop || !has_stopped, "endurance: a sink that only shows never says stop");
    return broken;
}

}  // namespace laws

#endif
