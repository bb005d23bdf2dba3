// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of choices of positions as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_POSITIONS_HPP
#define UNLOOP_LAWS_POSITIONS_HPP

#include <unloop/attribute/positions.hpp>
#include <unloop/core/random.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // uint64_t
#include <string>   // names of broken laws
#include <vector>   // runs, broken laws

namespace laws {

/// A run without activations: a prompt, then a loop of `period` tokens with decisions where two copies begin.
[[nodiscard]] inline unloop::recorded_run places_of_a_loop(std::uint64_t seed) {
    unloop::random_sequence random(seed);
    unloop::recorded_run run;
    const std::size_t period = 3 + random.below(6), healthy = 5 + random.below(20);
    for (std::size_t i = 0; i < healthy + 3 * period; ++i)
        run.tokens.push_back(i < healthy + period ? static_cast<unloop::token_id>(random.below(100))
                                                  : run.tokens[i - period]);
    run.prompt_tokens = 1 + random.below(healthy);
    run.onset = healthy + period;
    for (std::size_t copy = 0; copy < 2; ++copy) {
        const std::size_t position = run.onset + copy * period;
        run.decisions.push_back({position, run.tokens[position], {101, 102}});
    }
    return run;
}

/// The broken laws of `positions`; empty if it keeps them all.
template <class Positions>
[[nodiscard]] std::vector<std::string> broken_position_laws(const Positions& positions) {
    unloop::require_position_choice<Positions>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    bool ever = false, pure = true, of_places = true;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const unloop::recorded_run run = places_of_a_loop(seed);
        unloop::recorded_run filled = run;
        filled.neurons = {std::vector<float>(run.length() * 2, static_cast<float>(seed))};
        filled.logits.assign(run.decisions.size(), std::vector<float>(103, static_cast<float>(seed)));
        const auto mask = unloop::mask_of(positions, run);
        for (const auto at : mask) ever = ever || at != 0;
        pure = pure && mask == unloop::mask_of(positions, run);
        of_places = of_places && mask == unloop::mask_of(positions, filled);
    }
    demand(ever, "something: it covers a position of some loop");
    demand(pure, "purity: equal runs have equal positions, whatever was asked before");
    demand(of_places, "places: it asks where the run's prompt, copies and decisions are, not what it computed");
    return broken;
}

}  // namespace laws

#endif
