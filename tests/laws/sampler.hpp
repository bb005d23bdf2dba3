// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of samplers as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_SAMPLER_HPP
#define UNLOOP_LAWS_SAMPLER_HPP

#include <unloop/core/random.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // find
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // logits
#include <string>     // names of broken laws
#include <vector>     // logits, choices, broken laws

namespace laws {

/// What a sampler claims.
struct sampler_claims {
    bool is_random = true;        ///< false: equal logits and contexts give equal tokens, whatever the draw
    std::size_t vocabulary = 50;  ///< tokens of the logits that it is tried on, at least 2
};

namespace detail {

/// One position: logits in [-1, 1), which leave much to chance, every third token banned if asked for; and a context.
struct sampled_position {
    std::vector<float> logits;
    std::vector<unloop::token_id> context;

    sampled_position(std::size_t vocabulary, std::uint64_t seed, bool has_bans) {
        unloop::random_sequence random(seed);
        for (std::size_t i = 0; i < vocabulary; ++i) {
            const bool is_banned = has_bans && random.below(3) == 0 && i + 1 < vocabulary;
            logits.push_back(is_banned ? unloop::banned_logit : static_cast<float>(2 * random.uniform() - 1));
        }
        for (std::uint64_t i = 0; i < 3 * seed; ++i)
            context.push_back(static_cast<unloop::token_id>(random.below(vocabulary)));
    }
};

inline constexpr std::size_t drawn_rows = 4, drawn_steps = 64;

/// The token of draw `i`: row i / drawn_steps, step i % drawn_steps.
template <class Sampler>
unloop::token_id drawn_token(const Sampler& sampler, const sampled_position& at, std::size_t i) {
    std::vector<float> logits = at.logits;  // a sampler may rewrite them
    return sampler.choose(unloop::reference{}, std::span(logits), at.context,
                          unloop::draw_id{i / drawn_steps, i % drawn_steps});
}

}  // namespace detail

/// The broken laws of `sampler`; empty if it keeps them all.
template <class Sampler>
[[nodiscard]] std::vector<std::string> broken_sampler_laws(const Sampler& sampler, const sampler_claims& claims = {}) {
    unloop::require_token_sampler<Sampler, unloop::reference>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    using tokens = std::vector<unloop::token_id>;
    constexpr std::size_t count = detail::drawn_rows * detail::drawn_steps;
    unloop::thread_pool pool(4);
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const detail::sampled_position at(claims.vocabulary, seed, seed % 2 == 1);
        tokens drawn(count), backwards(count), together(count);
        for (std::size_t i = 0; i < count; ++i) drawn[i] = detail::drawn_token(sampler, at, i);
        for (std::size_t i = count; i-- > 0;) backwards[i] = detail::drawn_token(sampler, at, i);
        pool.for_each(count, 1, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = first; i < last; ++i) together[i] = detail::drawn_token(sampler, at, i);
        });
        demand(backwards == drawn && together == drawn,
               "purity: a token does not depend on what was drawn before, or by other threads");
        bool is_even = true;
        for (const unloop::token_id token : drawn) {
            const bool is_known = token >= 0 && static_cast<std::size_t>(token) < claims.vocabulary;
            demand(is_known, "range: a token of the vocabulary is chosen");
            demand(!is_known || at.logits[static_cast<std::size_t>(token)] != unloop::banned_logit,
                   "bans: a banned token is not chosen while another is left");
            is_even = is_even && token == drawn.front();
        }
        if (unloop::takes_largest(sampler))
            demand(drawn.front() == unloop::greedy{}.choose(unloop::reference{}, at.logits, at.context, {}),
                   "largest: a sampler that says so takes the largest logit");
        const auto second = drawn.begin() + detail::drawn_steps;
        if (claims.is_random)
            demand(!is_even && !std::equal(drawn.begin(), second, second),
                   "draws: each row and each step has draws of its own");
        else
            demand(is_even, "certainty: without chance the draw does not matter");
    }
    return broken;
}

}  // namespace laws

#endif
