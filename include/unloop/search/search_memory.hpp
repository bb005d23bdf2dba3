// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a search remembers of the plans that it measured, so that one that was interrupted goes on where it was.
#ifndef UNLOOP_SEARCH_SEARCH_MEMORY_HPP
#define UNLOOP_SEARCH_SEARCH_MEMORY_HPP

#include <unloop/edit/plan.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/generate/record.hpp>

#include <concepts>  // same_as
#include <cstddef>   // size_t
#include <optional>  // what is not remembered
#include <vector>    // answers

namespace unloop::inline v0 {

/// What was measured of a plan: its answers to the first probes of the suite, its divergence, and the share of random
/// tokens said twice that it copies (0 in a search whose budget has no limit to it).
struct tried_plan {
    std::vector<record> answers;
    divergence healthy;
    double copying = 0;
};

/// `find(plan, probes)` gives back what `keep(plan, probes, tried)` was given, in this run or an earlier one, of equal
/// edits on as many probes; the model as it is has no edits. Strategies are deterministic and are asked again, so a
/// memory that survives the process makes a search resume.
template <class Memory>
concept search_memory = requires(Memory& memory, const plan& edited, std::size_t probes, const tried_plan& tried) {
    { memory.find(edited, probes) } -> std::same_as<std::optional<tried_plan>>;
    { memory.keep(edited, probes, tried) } -> std::same_as<void>;
};

/// Remembers nothing.
struct no_search_memory {
    [[nodiscard]] static std::optional<tried_plan> find(const plan& /*edited*/, std::size_t /*probes*/) { return {}; }
    static void keep(const plan& /*edited*/, std::size_t /*probes*/, const tried_plan& /*tried*/) {}
};
static_assert(search_memory<no_search_memory>);

}  // namespace unloop::inline v0

#endif
