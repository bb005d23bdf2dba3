// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A sampler turns logits into a token; the greedy one needs no random numbers.
#ifndef UNLOOP_GENERATE_SAMPLER_HPP
#define UNLOOP_GENERATE_SAMPLER_HPP

#include <unloop/core/ids.hpp>
#include <unloop/kernels/argmax.hpp>

#include <concepts>  // same_as
#include <cstdint>   // uint64_t
#include <span>      // logits

namespace unloop::inline v0 {

/// Which draw this is: pure functions of it make samples independent of batch mates and of the order of rows.
struct draw_id {
    std::uint64_t row = 0;   ///< the record's id
    std::uint64_t step = 0;  ///< generated tokens so far
};

/// `choose(backend, logits, context, draw)`: logits: [vocabulary], which it may take as `std::span<float>` and rewrite;
/// context: prompt and generated tokens so far. One sampler serves all rows, from several threads at once, so it keeps
/// no state between calls. Laws and examples: docs/concepts/sampler.md.
template <class Sampler, class Backend>
concept token_sampler = requires(const Sampler& sampler, const Backend& backend, std::span<float> logits,
                                 std::span<const token_id> context, draw_id draw) {
    { sampler.choose(backend, logits, context, draw) } -> std::same_as<token_id>;
};

/// Whether a sampler always takes the largest logit, ties going to the lower id, so that it need not see the others: it
/// says so as `bool takes_largest() const`.
template <class Sampler>
[[nodiscard]] constexpr bool takes_largest(const Sampler& sampler) noexcept {
    if constexpr (requires { sampler.takes_largest(); })
        return sampler.takes_largest();
    else
        return false;
}

/// Stops compilation with one sentence when `Sampler` is no `token_sampler`.
template <class Sampler, class Backend>
constexpr void require_token_sampler() noexcept {
    static_assert(token_sampler<Sampler, Backend>,
                  "token_sampler: needs unloop::token_id choose(const Backend&, std::span<const float> logits, "
                  "std::span<const unloop::token_id> context, unloop::draw_id) const; see docs/concepts/sampler.md");
}

/// The most probable token; ties go to the lower id.
struct greedy {
    [[nodiscard]] static constexpr bool takes_largest() noexcept { return true; }
    template <class Backend>
    token_id choose(const Backend& backend, std::span<const float> logits, std::span<const token_id> /*context*/,
                    draw_id /*draw*/) const {
        return static_cast<token_id>(kernels::argmax(backend, logits));
    }
};

}  // namespace unloop::inline v0

#endif
