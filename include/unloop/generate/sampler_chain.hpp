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

    /// Rewrites the logits; allocates only what the processors do.
    template <class Backend>
    token_id choose(const Backend& backend, std::span<float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        const token_id most_probable = greedy{}.choose(backend, logits, context, draw);
        process(context, logits);
        return draw_token(logits, random_uniform(seed_, draw.row, draw.step)).value_or(most_probable);
    }
    /// The same, of logits that stay as they are.
    template <class Backend>
    token_id choose(const Backend& backend, std::span<const float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        std::vector<float> copy(logits.begin(), logits.end());
        return choose(backend, std::span(copy), context, draw);
    }
    /// The distribution that a token is drawn from, [vocabulary].
    [[nodiscard]] std::vector<double> probabilities(std::span<const float> logits,
                                                    std::span<const token_id> context) const {
        std::vector<float> copy(logits.begin(), logits.end());
        process(context, copy);
        return probabilities_of(copy);
    }

  private:
    void process(std::span<const token_id> context, std::span<float> logits) const {
        std::apply([&](const Processors&... processor) { (processor(context, logits), ...); }, processors_);
    }

    std::uint64_t seed_;
    [[no_unique_address]] std::tuple<Processors...> processors_;
};

}  // namespace unloop::inline v0

#endif
