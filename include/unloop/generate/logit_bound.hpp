// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How far the logits of two states can lie apart: the largest logit of one is found among a few words, by the logits of
// the other.
#ifndef UNLOOP_GENERATE_LOGIT_BOUND_HPP
#define UNLOOP_GENERATE_LOGIT_BOUND_HPP

#include <unloop/core/ids.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/tensor/aligned_vector.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // min
#include <array>      // words
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <optional>   // no answer
#include <span>       // states
#include <vector>     // a row

namespace unloop::inline v0 {

/// A logit is w . h, so those of states h and g differ by at most |w| |h - g| (Cauchy and Schwarz), and a cap brings
/// them nearer. To that comes what rounding does: a sum of n products of floats errs by at most n 2^-24 |w| |h| to
/// first order, in whatever order it is taken (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1);
/// twice as much is allowed. Holds for backends that `keeps_activations`.
class logit_bound {
  public:
    /// head: [vocabulary, hidden]; cap as in the model, 0 for none. O(vocabulary * hidden), divided over threads.
    template <class Executor>
    logit_bound(const weight_view& head, float cap, Executor& executor)
        : lengths_(head.rows),
          rounding_(static_cast<double>(head.columns) * 0x1p-23),
          slack_of_cap_(static_cast<double>(cap) * 0x1p-18) {
        executor.for_each(head.rows, 1024, [&](std::size_t first, std::size_t last) {
            std::vector<float> row(head.columns);
            for (std::size_t word = first; word < last; ++word) {
                decode_row(head, word, row);
                lengths_[word] = static_cast<float>(length_of(row) * above_one);
            }
        });
    }

    /// The word of the largest logit of `state` (ties to the lower id), with the bits of `kernels::argmax` over all; or
    /// nothing, where more than `most_words` may be it. known_logits: [vocabulary], those of `known`, the largest of
    /// which is `known_largest`. O(vocabulary), and one logit for each of the few.
    template <class Decoder>
    [[nodiscard]] std::optional<token_id> largest(const Decoder& decoder, std::span<const float> known,
                                                  std::span<const float> known_logits, token_id known_largest,
                                                  std::span<const float> state) const {
        const auto logit = [&](std::size_t word) {
            float value = 0;
            serial alone;
            decoder.logits_of({state.data(), 1, state.size()}, word, {&value, 1, 1}, alone);
            return value;
        };
        const double reached = logit(static_cast<std::size_t>(known_largest));
        const auto least = static_cast<float>(reached - std::abs(reached) * 0x1p-20 - slack_of_cap_);
        const auto apart = static_cast<float>(distance(known, state) * above_one);
        std::array<std::size_t, most_words> words{};
        std::size_t count = 0;
        // Where one of them is no number the comparison is false, and the word may be it.
        const auto may_be = [&](std::size_t word) { return !(known_logits[word] + lengths_[word] * apart < least); };
        for (std::size_t first = 0, last = 0; first < lengths_.size(); first = last) {
            last = std::min(first + words_at_once, lengths_.size());
            int any = 0;  // without a branch, which compilers turn into vectors
            for (std::size_t word = first; word < last; ++word) any |= static_cast<int>(may_be(word));
            for (std::size_t word = first; any != 0 && word < last; ++word) {
                if (!may_be(word)) continue;
                if (count == most_words) return std::nullopt;
                words[count++] = word;
            }
        }
        std::array<float, most_words> logits{};
        for (std::size_t i = 0; i < count; ++i) logits[i] = logit(words[i]);
        const std::size_t best = kernels::argmax(decoder.backend(), std::span<const float>(logits).first(count));
        return static_cast<token_id>(words[best]);
    }

    static constexpr std::size_t most_words = 64;

  private:
    static constexpr std::size_t words_at_once = 64;
    /// So that rounding to float makes a bound larger, never smaller.
    static constexpr double above_one = 1 + 0x1p-20;

    [[nodiscard]] static double length_of(std::span<const float> vector) noexcept {
        double squares = 0;
        for (const float value : vector) squares += static_cast<double>(value) * value;
        return std::sqrt(squares);
    }
    /// |a - b|, and what rounding of both products adds to it.
    [[nodiscard]] double distance(std::span<const float> a, std::span<const float> b) const noexcept {
        double squares = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double difference = static_cast<double>(a[i]) - b[i];
            squares += difference * difference;
        }
        return std::sqrt(squares) + rounding_ * (length_of(a) + length_of(b));
    }

    aligned_vector<float> lengths_;  // of the head's rows, [vocabulary]
    double rounding_;
    double slack_of_cap_;
};

}  // namespace unloop::inline v0

#endif
