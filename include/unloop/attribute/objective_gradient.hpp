// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The gradient of an objective over a recorded run, as often as a method needs it.
#ifndef UNLOOP_ATTRIBUTE_OBJECTIVE_GRADIENT_HPP
#define UNLOOP_ATTRIBUTE_OBJECTIVE_GRADIENT_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/model/backward_state.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // copy
#include <cstddef>    // size_t
#include <vector>     // a pass

namespace unloop::inline v0 {

/// What a gradient over a text takes, the memory of the forward pass included.
[[nodiscard]] inline backward_cost gradient_cost(const decoder_config& config, const state_size& size,
                                                 kept_activations kept = kept_activations::residual) {
    backward_cost cost = backward_state::cost(config, size, kept);
    cost.bytes += decoder_state::bytes(config, size);
    return cost;
}
/// What a method that needs gradients over `run` will take.
[[nodiscard]] inline backward_cost gradient_cost(const decoder_config& config, const recorded_run& run,
                                                 kept_activations kept = kept_activations::residual) {
    return gradient_cost(config, state_size{1, run.length(), run.length(), run.decisions.size()}, kept);
}

/// Holds the memory of forward and backward passes over one run. The decoder and the run must outlive it.
template <class Decoder>
class objective_gradient {
  public:
    objective_gradient(const Decoder& decoder, const recorded_run& run,
                       kept_activations kept = kept_activations::residual)
        : decoder_(decoder),
          run_(run),
          state_(decoder.config(), size_of(run)),
          memory_(decoder.config(), size_of(run), kept) {
        append_row(pass_, run, 0);
    }

    /// One pass forward under `tap` and one back, showing `gradients` those of the objective, averaged over the
    /// decisions; returns the objective. With `first` the pass begins at that layer, with the recorded stream.
    template <class Objective, class GradientTap, class Executor, class Tap>
    double pass(const Objective& objective, GradientTap& gradients, Executor& executor, Tap& tap,
                std::size_t first = 0) {
        if (first > 0) {
            const const_matrix_view from = run_.residual_of(first);
            const matrix_view to = state_.stream(run_.length());
            for (std::size_t t = 0; t < from.rows(); ++t) std::copy(from[t].begin(), from[t].end(), to[t].begin());
        }
        double value = 0;
        const auto share = 1.0 / static_cast<double>(run_.decisions.size());
        const auto seed = [&](const_matrix_view logits, matrix_view gradient) {
            for (std::size_t d = 0; d < run_.decisions.size(); ++d) {
                value += share * objective.value(logits[d], run_.decisions[d]);
                for (const logit_weight& weight : objective.gradient(logits[d], run_.decisions[d]))
                    gradient[d][static_cast<std::size_t>(weight.token)] += static_cast<float>(share * weight.factor);
            }
        };
        backward(decoder_, state_, memory_, pass_, seed, gradients, executor, tap, first);
        return value;
    }

  private:
    static state_size size_of(const recorded_run& run) noexcept {
        return {1, run.length(), run.length(), run.decisions.size()};
    }

    const Decoder& decoder_;
    const recorded_run& run_;
    decoder_state state_;
    backward_state memory_;
    std::vector<batch_token> pass_;
};

}  // namespace unloop::inline v0

#endif
