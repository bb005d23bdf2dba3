// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Part of a recorded run computed anew, several rows side by side: from a layer and a position on.
#ifndef UNLOOP_ATTRIBUTE_RUN_REPEATER_HPP
#define UNLOOP_ATTRIBUTE_RUN_REPEATER_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // copy, max
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // objectives
#include <vector>     // passes

namespace unloop::inline v0 {

/// A place to begin a pass at: what lies below the layer, and before the position, is as recorded.
struct repeat_range {
    std::size_t layer = 0;
    std::size_t first = 0;  ///< position
    std::size_t last = 0;   ///< behind the last position
};

/// The objective at all decisions of the unchanged run, averaged.
template <class Objective>
[[nodiscard]] double objective_of(const recorded_run& run, const Objective& objective) {
    require_decision_objective<Objective>();
    double sum = 0;
    for (std::size_t d = 0; d < run.decisions.size(); ++d) sum += objective.value(run.logits[d], run.decisions[d]);
    return sum / static_cast<double>(run.decisions.size());
}

/// Holds keys and values of the recorded run in every row. A pass writes those of its layers and positions anew, so
/// passes come in descending order of layers, and passes that begin later before those that begin earlier: none then
/// reads what another one changed. Numbers are those of a pass over the whole run, bit for bit. The decoder and the
/// run must outlive it. Memory: a `decoder_state` of that many rows.
template <class Decoder>
class run_repeater {
  public:
    /// For passes of at most `rows` rows and `positions` positions a row. One pass over the run.
    template <class Executor>
    run_repeater(const Decoder& decoder, const recorded_run& run, std::size_t rows, std::size_t positions,
                 Executor& executor)
        : decoder_(decoder),
          run_(run),
          state_(decoder.config(), {rows, run.length(), std::max(run.length(), rows * positions),
                                    rows * std::min(positions, run.decisions.size())}) {
        for (std::size_t t = 0; t < run.length(); ++t)
            pass_.push_back({run.tokens[t], 0, static_cast<std::int32_t>(t), false});
        no_tap none;
        decoder.forward(state_, pass_, executor, none);
        for (std::size_t row = 1; row < rows; ++row) state_.copy_row(0, row, run.length());
    }

    /// Logits of each row at the decisions whose logits lie in the range, [rows * decisions there, vocabulary].
    template <class Executor, class Tap>
    matrix_view repeat(std::size_t rows, const repeat_range& range, Executor& executor, Tap& tap) {
        pass_.clear();
        for (std::size_t row = 0; row < rows; ++row) {
            const std::size_t begin = pass_.size();
            for (std::size_t t = range.first; t < range.last; ++t)
                pass_.push_back({run_.tokens[t], static_cast<std::int32_t>(row), static_cast<std::int32_t>(t), false});
            for (const decision& at : run_.decisions)
                if (is_in(range, at)) pass_[begin + at.position - 1 - range.first].wants_logits = true;
        }
        const matrix_view stream = state_.stream(pass_.size());
        const const_matrix_view recorded = run_.residual_of(range.layer);
        for (std::size_t t = 0; t < pass_.size(); ++t) {
            const auto from = recorded[static_cast<std::size_t>(pass_[t].position)];
            std::copy(from.begin(), from.end(), stream[t].begin());
        }
        return decoder_.resume(state_, pass_, {range.layer, false}, executor, tap);
    }

    /// Objectives at all decisions after such a pass, averaged over them: [row * objectives + objective]. Decisions
    /// outside the range are as recorded.
    template <class Objective, class Executor, class Tap>
    [[nodiscard]] std::vector<double> values_of(std::span<const Objective> objectives, std::size_t rows,
                                                const repeat_range& range, Executor& executor, Tap& tap) {
        const matrix_view logits = repeat(rows, range, executor, tap);
        const std::size_t decisions = run_.decisions.size();
        std::vector<double> values(rows * objectives.size());
        for (std::size_t o = 0; o < objectives.size(); ++o) {
            std::vector<double> recorded(decisions);
            for (std::size_t d = 0; d < decisions; ++d)
                if (!is_in(range, run_.decisions[d]))
                    recorded[d] = objectives[o].value(run_.logits[d], run_.decisions[d]);
            for (std::size_t row = 0, next = 0; row < rows; ++row) {
                double sum = 0;
                for (std::size_t d = 0; d < decisions; ++d)
                    sum += is_in(range, run_.decisions[d]) ? objectives[o].value(logits[next++], run_.decisions[d])
                                                           : recorded[d];
                values[row * objectives.size() + o] = sum / static_cast<double>(decisions);
            }
        }
        return values;
    }

  private:
    [[nodiscard]] static bool is_in(const repeat_range& range, const decision& at) noexcept {
        return at.position > range.first && at.position <= range.last;
    }

    const Decoder& decoder_;
    const recorded_run& run_;
    decoder_state state_;
    std::vector<batch_token> pass_;
};

}  // namespace unloop::inline v0

#endif
