// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest choice of positions of one's own, used as any other is, and checked with the laws that it claims.
#include <unloop/attribute.hpp>

#include <laws/positions.hpp>

#include <iostream>
#include <string_view>

// [positions]
/// The answer alone: what targets do with the prompt stays as it is.
struct in_the_answer {
    static constexpr std::string_view name = "in_the_answer";

    bool covers(const unloop::recorded_run& run, std::size_t position) const { return position >= run.prompt_tokens; }
};
static_assert(unloop::position_choice<in_the_answer>);
// [/positions]

int main() {
    // [laws]
    const auto broken = laws::broken_position_laws(in_the_answer{});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    unloop::recorded_run run;
    run.tokens = {5, 6, 7, 8, 7, 8};
    run.prompt_tokens = 2;
    for (const auto at : unloop::mask_of(in_the_answer{}, run)) std::cout << int{at};
    std::cout << '\n';
    return broken.empty() ? 0 : 1;
}
