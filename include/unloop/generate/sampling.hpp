// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A sampler whose processors are chosen at run time, by the parameters that are given.
#ifndef UNLOOP_GENERATE_SAMPLING_HPP
#define UNLOOP_GENERATE_SAMPLING_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/min_p.hpp>
#include <unloop/generate/no_repeat_ngram.hpp>
#include <unloop/generate/repetition_penalty.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/generate/temperature.hpp>
#include <unloop/generate/top_k.hpp>
#include <unloop/generate/top_p.hpp>

#include <cmath>     // isfinite
#include <cstddef>   // size_t
#include <cstdint>   // uint64_t
#include <optional>  // parameters that are not given
#include <span>      // logits
#include <string>    // messages
#include <vector>    // working copy

namespace unloop::inline v0 {

/// What is not given is not applied; what is given is applied in the order of the members, which is that of
/// transformers. Greedy (after the penalties) when the temperature is 0, or when temperature, top_k, top_p and min_p
/// are all absent; else a token is drawn. `generate_all(model, prompts, options, sampling{.temperature = 0.7F})`.
struct sampling {
    std::optional<float> repetition_penalty{};     ///< factor above 0
    std::optional<std::size_t> no_repeat_ngram{};  ///< tokens, at least 1
    std::optional<float> temperature{};            ///< 0 or above; absent, when a token is drawn: 1
    std::optional<std::size_t> top_k{};            ///< tokens, at least 1
    std::optional<float> top_p{};                  ///< share from 0 to 1
    std::optional<float> min_p{};                  ///< share from 0 to 1
    std::uint64_t seed = 0;                        ///< of all rows; a row's own id and step make its draws its own

    [[nodiscard]] bool is_greedy() const noexcept {
        return temperature ? *temperature == 0.0F : !top_k && !top_p && !min_p;
    }

    [[nodiscard]] bool takes_largest() const noexcept { return is_greedy() && !repetition_penalty && !no_repeat_ngram; }

    /// Rewrites the logits; nothing is allocated.
    template <class Backend>
    token_id choose(const Backend& backend, std::span<float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        const token_id most_probable = greedy{}.choose(backend, logits, context, draw);
        if (takes_largest()) return most_probable;
        process(context, logits);
        if (!relative_probability(logits).any()) return most_probable;
        if (is_greedy()) return greedy{}.choose(backend, logits, context, draw);
        return draw_token(logits, random_uniform(seed, draw.row, draw.step)).value_or(most_probable);
    }
    /// The same, of logits that stay as they are.
    template <class Backend>
    token_id choose(const Backend& backend, std::span<const float> logits, std::span<const token_id> context,
                    draw_id draw) const {
        std::vector<float> copy(logits.begin(), logits.end());
        return choose(backend, std::span(copy), context, draw);
    }

    /// The distribution that a token is drawn from, [vocabulary]; when greedy, that of the penalised logits.
    [[nodiscard]] std::vector<double> probabilities(std::span<const float> logits,
                                                    std::span<const token_id> context) const {
        std::vector<float> copy(logits.begin(), logits.end());
        process(context, copy);
        return probabilities_of(copy);
    }

  private:
    void process(std::span<const token_id> context, std::span<float> logits) const {
        const auto apply = [&](const auto& processor) { processor(context, logits); };
        if (repetition_penalty) apply(unloop::repetition_penalty{*repetition_penalty});
        if (no_repeat_ngram) apply(unloop::no_repeat_ngram{*no_repeat_ngram});
        if (is_greedy()) return;
        if (temperature) apply(unloop::temperature{*temperature});
        if (top_k) apply(unloop::top_k{*top_k});
        if (top_p) apply(unloop::top_p{*top_p});
        if (min_p) apply(unloop::min_p{*min_p});
    }
};

/// Throws `error` naming the parameter that is out of range: for what a user wrote.
inline void check_sampling(const sampling& given) {
    const auto refuse = [](bool is_sound, const std::string& rule) {
        if (!is_sound) throw error(rule);
    };
    const auto is_share = [](std::optional<float> value) { return !value || (*value >= 0 && *value <= 1); };
    const auto is_finite = [](std::optional<float> value) { return !value || std::isfinite(*value); };
    refuse(is_finite(given.repetition_penalty) && given.repetition_penalty.value_or(1) > 0,
           "the repetition penalty must be above 0");
    refuse(given.no_repeat_ngram.value_or(1) > 0, "the size of n-grams must be at least 1");
    refuse(is_finite(given.temperature) && given.temperature.value_or(0) >= 0, "the temperature must be 0 or above");
    refuse(given.top_k.value_or(1) > 0, "top_k must be at least 1");
    refuse(is_share(given.top_p), "top_p must be from 0 to 1");
    refuse(is_share(given.min_p), "min_p must be from 0 to 1");
}

}  // namespace unloop::inline v0

#endif
