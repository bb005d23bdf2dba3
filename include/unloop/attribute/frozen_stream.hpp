// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The way of a branch's output to the objective through the residual stream alone, with every norm's scale frozen.
#ifndef UNLOOP_ATTRIBUTE_FROZEN_STREAM_HPP
#define UNLOOP_ATTRIBUTE_FROZEN_STREAM_HPP

#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/model/parameter_table.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>  // clamp
#include <cmath>      // atanh, sqrt
#include <cstddef>    // size_t
#include <span>       // squares
#include <vector>     // directions

namespace unloop::inline v0 {

/// What a capped logit counts for each unit of the logit before its cap: the secant from 0. 1 without a cap.
[[nodiscard]] inline double cap_secant(float logit, float cap) noexcept {
    if (cap == 0 || logit == 0) return 1;
    const double share = std::clamp(static_cast<double>(logit) / static_cast<double>(cap), -1 + 1e-9, 1 - 1e-9);
    return share / std::atanh(share);
}

/// Linear from any branch to the logits before their cap: each norm divides by the root mean square that the run had
/// there, layer scales multiply what their layer and those below wrote, and a cap counts as its secant, logit after by
/// logit before. What branches of other layers make of the change is not in it. The model, table and run must outlive
/// it.
class frozen_stream {
  public:
    /// For decision number `d` of the run. O(vocabulary rows that the objective weighs * hidden).
    template <class Decoder, class Objective>
    frozen_stream(const Decoder& decoder, const parameter_table& parameters, const recorded_run& run, std::size_t d,
                  const Objective& objective)
        : config_(decoder.config()), parameters_(parameters), run_(run), at_(run.decisions[d].position - 1) {
        const auto stream = run.residual_of(run.residual.size() - 1)[at_];
        double squares = 0;
        for (float value : stream) squares += static_cast<double>(value) * static_cast<double>(value);
        const double scale =
            1.0 / std::sqrt(squares / static_cast<double>(stream.size()) + static_cast<double>(config_.norm_epsilon));
        end_.resize(stream.size());
        std::vector<float> row(stream.size());
        for (const logit_weight& weight : objective.gradient(run.logits[d], run.decisions[d])) {
            const auto token = static_cast<std::size_t>(weight.token);
            const double factor = weight.factor * scale * cap_secant(run.logits[d][token], config_.logit_cap);
            decode_row(decoder.head_weights(), token, row);
            for (std::size_t h = 0; h < row.size(); ++h)
                end_[h] += static_cast<float>(factor) * row[h] * decoder.final_norm().weight[h];
        }
        after_.assign(config_.layers.size() + 1, 1.0F);
        for (std::size_t l = config_.layers.size(); l-- > 0;) {
            const vector_parameter factor =
                parameters.vector({static_cast<std::int32_t>(l), parameter_role::layer_scale});
            after_[l] = after_[l + 1] * (factor.empty() ? 1.0F : factor[0]);
        }
    }

    /// Position of the decision's logits.
    [[nodiscard]] std::size_t position() const noexcept { return at_; }

    /// Slope of the objective along the residual stream that enters layer `l`, [hidden].
    [[nodiscard]] std::vector<float> along_stream(std::size_t l) const {
        std::vector<float> direction = end_;
        for (float& value : direction) value *= after_[l];
        return direction;
    }

    // Along the output of a branch of layer `l`, before any norm behind it, [hidden].

    [[nodiscard]] std::vector<float> along_attention(std::size_t l) const {
        return behind(along_stream(l), l, parameter_role::attention_output_norm, run_.squares[l].attention);
    }
    [[nodiscard]] std::vector<float> along_dense(std::size_t l) const {
        return behind(along_feed_forward(l), l, parameter_role::dense_output_norm, run_.squares[l].dense);
    }
    [[nodiscard]] std::vector<float> along_experts(std::size_t l) const {
        return behind(along_feed_forward(l), l, parameter_role::expert_output_norm, run_.squares[l].experts);
    }
    [[nodiscard]] std::vector<float> along_layer_input(std::size_t l) const {
        return behind(along_stream(l), l, parameter_role::layer_output_norm, run_.squares[l].layer_input);
    }

  private:
    [[nodiscard]] std::vector<float> along_feed_forward(std::size_t l) const {
        return behind(along_stream(l), l, parameter_role::feed_forward_output_norm, run_.squares[l].feed_forward);
    }
    /// Through the norm of that role, where the layer has one.
    [[nodiscard]] std::vector<float> behind(std::vector<float> direction, std::size_t l, parameter_role role,
                                            std::span<const float> squares) const {
        const vector_parameter weight = parameters_.vector({static_cast<std::int32_t>(l), role});
        if (weight.empty()) return direction;
        const float scale = 1.0F / std::sqrt(squares[at_] + config_.layers[l].norm_epsilon);
        for (std::size_t h = 0; h < direction.size(); ++h) direction[h] *= scale * weight[h];
        return direction;
    }

    const decoder_config& config_;
    const parameter_table& parameters_;
    const recorded_run& run_;
    std::size_t at_;
    std::vector<float> end_;    // slope along the stream behind the last layer
    std::vector<float> after_;  // by layer: product of its scale and those above
};

}  // namespace unloop::inline v0

#endif
