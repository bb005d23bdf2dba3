// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A sampler from processors that are known at compile time, one's own among them.
#ifndef UNLOOP_GENERATE_SAMPLER_CHAIN_HPP
#define UNLOOP_GENERATE_SAMPLER_CHAIN_HPP

#include <unloop/core/random.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/sampler.hpp>

#include <cstdint>  // uint64_t
#include <span>     // logits
#include <tuple>    // processors
#include <utility>  // move
#include <vector>   // working copy

namespace unloop::inline v0 {

/// Draws with `random_uniform(seed, row, step)` from what the processors, in the order given, leave of the logits.
/// `sampler_chain chain(7, temperature{0.7F}, top_k{64}, top_p{0.95F});` Where they ban every token, the most probable
/// one under the untouched logits is taken.
template <logit_processor... Processors>
class sampler_chain {
  public:
    explicit sampler_chain(std::uint64_t seed, Processors... processors)
        : seed_(seed), processors_(std::move(processors)...) {}

    template <class Backend>
    token_id choose(const Backend& backend, std::span<const float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        const auto drawn = draw_token(processed(logits, context), random_uniform(seed_, draw.row, draw.step));
        return drawn ? *drawn : greedy{}.choose(backend, logits, context, draw);
    }
    /// The distribution that a token is drawn from, [vocabulary].
    [[nodiscard]] std::vector<double> probabilities(std::span<const float> logits,
                                                    std::span<const token_id> context) const {
        return probabilities_of(processed(logits, context));
    }

  private:
    [[nodiscard]] std::vector<float> processed(std::span<const float> logits, std::span<const token_id> context) const {
        std::vector<float> copy(logits.begin(), logits.end());
        std::apply([&](const Processors&... process) { (process(context, copy), ...); }, processors_);
        return copy;
    }

    std::uint64_t seed_;
    [[no_unique_address]] std::tuple<Processors...> processors_;
};

}  // namespace unloop::inline v0

#endif
