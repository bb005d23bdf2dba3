// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The word of the largest logit of every row of a pass: rows near another are told by a bound, and the head is computed
// for the others alone.
#ifndef UNLOOP_GENERATE_LARGEST_LOGITS_HPP
#define UNLOOP_GENERATE_LARGEST_LOGITS_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/generate/logit_bound.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/model/layer_range.hpp>

#include <algorithm>  // copy, fill
#include <cstddef>    // size_t
#include <optional>   // the bound, when it is needed
#include <span>       // groups
#include <vector>     // rows

namespace unloop::inline v0 {

/// A decoder whose head can be asked for some rows and words alone; of one that has but `forward` all is computed.
template <class Decoder>
concept has_head_apart =
    requires(const Decoder& decoder, decoder_state& state, std::span<const batch_token> tokens,
             std::span<const token_join> joins, std::size_t first, matrix_view out, serial& executor, no_tap& tap) {
        decoder.logits_of(decoder.states(state, tokens, joins, executor, tap), first, out, executor);
        decoder.head_weights();
    };

/// Rows with the same past under other plans end in states that are nearly the same, and nearly always in the same
/// word. The first of such a group gets all of its logits; those it does not decide for get a leader of their own,
/// twice, and then all of their logits. Holds its memory from pass to pass.
class largest_logits {
  public:
    largest_logits(std::size_t rows, std::size_t groups, std::size_t hidden)
        : hidden_(hidden), led_states_(rows * hidden), led_words_(rows), leader_of_group_(groups) {
        open_.reserve(rows), leaders_.reserve(rows), words_.reserve(rows);
    }

    /// The word of each row; states: [rows, hidden], group_of: [rows], each below `groups`; logits: [at once,
    /// vocabulary], overwritten: so many rows get all of theirs together. Valid until the next call.
    template <class Decoder, class Executor>
    std::span<const token_id> words(const Decoder& decoder, const_matrix_view states,
                                    std::span<const std::size_t> group_of, matrix_view logits, Executor& executor) {
        words_.assign(states.rows(), undecided);
        open_.clear();
        for (std::size_t i = 0; i < states.rows(); ++i) open_.push_back(i);
        for (std::size_t round = 1; !open_.empty(); ++round) {
            lead(group_of, round >= most_rounds, logits.rows());
            compute(decoder, states, logits, executor);
            if (leaders_.size() < open_.size()) follow(decoder, states, group_of, logits, executor);
            std::erase_if(open_, [&](std::size_t i) { return words_[i] != undecided; });
        }
        return words_;
    }
    /// Rows whose logits were all computed so far.
    [[nodiscard]] std::size_t computed() const noexcept { return computed_; }

  private:
    static constexpr std::size_t most_rounds = 3;
    static constexpr token_id undecided = -1;
    static constexpr auto no_leader = static_cast<std::size_t>(-1);

    [[nodiscard]] matrix_view led_states() noexcept { return {led_states_.data(), led_words_.size(), hidden_}; }

    void lead(std::span<const std::size_t> group_of, bool all, std::size_t at_most) {
        leaders_.clear();
        std::fill(leader_of_group_.begin(), leader_of_group_.end(), no_leader);
        for (const std::size_t i : open_) {
            std::size_t& leader = leader_of_group_[group_of[i]];
            if ((!all && leader != no_leader) || leaders_.size() == at_most) continue;
            leader = leaders_.size();
            leaders_.push_back(i);
        }
    }
    template <class Decoder, class Executor>
    void compute(const Decoder& decoder, const_matrix_view states, matrix_view logits, Executor& executor) {
        const std::size_t count = leaders_.size();
        for (std::size_t l = 0; l < count; ++l)
            std::copy(states[leaders_[l]].begin(), states[leaders_[l]].end(), led_states()[l].begin());
        decoder.logits_of(led_states().rows(0, count), 0, logits.rows(0, count), executor);
        for_each_row(executor, count, [&](std::size_t l) {
            led_words_[l] = static_cast<token_id>(kernels::argmax(decoder.backend(), logits[l]));
        });
        for (std::size_t l = 0; l < count; ++l) words_[leaders_[l]] = led_words_[l];
        computed_ += count;
    }
    template <class Decoder, class Executor>
    void follow(const Decoder& decoder, const_matrix_view states, std::span<const std::size_t> group_of,
                matrix_view logits, Executor& executor) {
        if (!bound_) bound_.emplace(decoder.head_weights(), decoder.config().logit_cap, executor);
        for_each_row(executor, open_.size(), [&](std::size_t n) {
            const std::size_t i = open_[n], l = leader_of_group_[group_of[i]];
            if (words_[i] != undecided || l == no_leader) return;
            const auto found = bound_->largest(decoder, led_states()[l], logits[l], led_words_[l], states[i]);
            if (found) words_[i] = *found;
        });
    }

    std::size_t hidden_;
    std::optional<logit_bound> bound_;
    aligned_vector<float> led_states_;  // [leaders, hidden]
    std::vector<token_id> led_words_;   // of leaders
    std::vector<std::size_t> leader_of_group_;
    std::vector<std::size_t> open_, leaders_;  // rows
    std::vector<token_id> words_;              // of rows
    std::size_t computed_ = 0;
};

}  // namespace unloop::inline v0

#endif
