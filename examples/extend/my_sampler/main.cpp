// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest random sampler of one's own, used as any other is, and checked with the laws of samplers.
#include <unloop/core/random.hpp>
#include <unloop/generate.hpp>

#include <laws/sampler.hpp>

#include <iostream>
#include <span>
#include <vector>

// [sampler]
/// The most probable token; with probability `epsilon` any one that is not banned, all of them alike.
struct epsilon_greedy {
    double epsilon = 0.1;
    std::uint64_t seed = 0;

    template <class Backend>
    unloop::token_id choose(const Backend& backend, std::span<const float> logits,
                            std::span<const unloop::token_id> context, unloop::draw_id draw) const {
        const auto uniform = [&](std::uint64_t n) { return unloop::random_uniform(seed, draw.row, 2 * draw.step + n); };
        if (uniform(0) >= epsilon) return unloop::greedy{}.choose(backend, logits, context, draw);
        std::vector<float> flat(logits.begin(), logits.end());
        for (float& logit : flat)
            if (logit != unloop::banned_logit) logit = 0;
        return unloop::draw_token(flat, uniform(1)).value_or(0);
    }
};
static_assert(unloop::token_sampler<epsilon_greedy, unloop::reference>);
// [/sampler]

int main() {
    // [laws]
    const auto broken = laws::broken_sampler_laws(epsilon_greedy{.epsilon = 0.1, .seed = 7});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    const std::vector<float> logits{0.5F, 2.0F, -1.0F, unloop::banned_logit};
    std::vector<int> seen(logits.size());
    for (std::uint64_t step = 0; step < 1000; ++step)
        ++seen[static_cast<std::size_t>(epsilon_greedy{}.choose(unloop::reference{}, logits, {}, {0, step}))];
    for (std::size_t token = 0; token < seen.size(); ++token) std::cout << token << ": " << seen[token] << '\n';
    return broken.empty() ? 0 : 1;
}
