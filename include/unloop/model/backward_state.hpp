// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Everything that changes while gradients go back through a decoder, and what it will cost, told beforehand.
#ifndef UNLOOP_MODEL_BACKWARD_STATE_HPP
#define UNLOOP_MODEL_BACKWARD_STATE_HPP

#include <unloop/blocks/key_value_cache.hpp>
#include <unloop/blocks/scratch.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/tensor/zeroed_memory.hpp>

#include <algorithm>  // copy, fill, max
#include <cstddef>    // size_t
#include <cstdint>    // uint8_t
#include <vector>     // memory

namespace unloop::inline v0 {

/// What a backward pass keeps of the forward pass.
enum class kept_activations : std::uint8_t {
    residual,    ///< the stream that enters each layer; layers run a second time, one by one
    every_site,  ///< the values of every site of every layer; nothing runs twice
};

/// Of one backward pass and the forward pass in front of it.
struct backward_cost {
    std::size_t bytes = 0;     ///< of a `backward_state`; the `decoder_state` comes on top
    double multiply_adds = 0;  ///< of weights and attention; routed experts as many as a token uses
    double of_forward = 0;     ///< of the forward pass alone
};

namespace detail {

/// Values a token that a layer's record holds.
[[nodiscard]] inline std::size_t recorded_values(const layer_traits& layer) noexcept {
    const std::size_t routed =
        layer.experts == 0 ? 0 : 2 * layer.hidden + layer.experts + layer.experts_used * (2 + layer.expert_width);
    const std::size_t input = layer.layer_input == 0 ? 0 : layer.layer_input + layer.hidden;
    return 3 * layer.hidden + layer.query_width() + 3 * layer.mlp_width + input + routed;
}

/// Values a token that are in use at once while a layer is differentiated, beside its record; and the attention weights
/// of one row.
[[nodiscard]] inline std::size_t passing_values(const layer_traits& layer, std::size_t positions) noexcept {
    const std::size_t attention =
        4 * layer.query_width() + 4 * layer.key_value_width() + 2 * layer.heads * (positions > 0 ? 1 : 0);
    const std::size_t routed = layer.experts == 0
                                   ? 0
                                   : 3 * layer.hidden + 2 * layer.experts +
                                         layer.experts_used * (2 * layer.hidden + 7 * layer.expert_width + 2);
    const std::size_t feed_forward = std::max(2 * layer.mlp_width, 3 * layer.layer_input + layer.hidden) + routed;
    return 6 * layer.hidden + std::max(attention, feed_forward);
}

/// Weights that one token meets in a layer.
[[nodiscard]] inline double weights_met(const layer_traits& layer) noexcept {
    const auto hidden = static_cast<double>(layer.hidden);
    const double projections = layer.owns_key_values() ? (layer.values_from_keys ? 1 : 2) : 0;
    return hidden *
           (2 * static_cast<double>(layer.query_width()) + projections * static_cast<double>(layer.key_value_width()) +
            3 * static_cast<double>(layer.mlp_width) + static_cast<double>(layer.experts) +
            3 * static_cast<double>(layer.experts_used * layer.expert_width) +
            2 * static_cast<double>(layer.layer_input));
}

}  // namespace detail

/// One per run, beside a `decoder_state` of the same size. Allocated once, as long as the parts of layers need no more
/// scratch than the library's own.
class backward_state {
  public:
    backward_state(const decoder_config& config, const state_size& size,
                   kept_activations kept = kept_activations::residual)
        : kept_(kept), size_(size), scratch_(scratch_bytes(config, size, kept)) {
        for (const layer_traits& layer : config.layers)
            gradients_.push_back(layer.owns_key_values() ? make_cache(layer) : key_value_cache{});
        stream_ = make(size.tokens, config.hidden);
        layer_inputs_ = make(size.tokens, config.layers.size() * config.layer_input);
        of_layer_inputs_ = make(size.tokens, config.layers.size() * config.layer_input);
        if (kept == kept_activations::residual)
            for (std::size_t i = 0; i < config.layers.size(); ++i)
                residual_.push_back(make(size.tokens, config.hidden));
    }
    backward_state(backward_state&&) noexcept = default;
    backward_state& operator=(backward_state&&) noexcept = default;

    /// What a pass of `size.tokens` tokens over `size.rows` rows will take. O(layers).
    [[nodiscard]] static backward_cost cost(const decoder_config& config, const state_size& size,
                                            kept_activations kept = kept_activations::residual) {
        backward_cost cost;
        std::size_t values = size.tokens * (config.hidden + 2 * config.layers.size() * config.layer_input);
        if (kept == kept_activations::residual) values += size.tokens * config.hidden * config.layers.size();
        const auto tokens = static_cast<double>(size.tokens);
        double attention = 0;
        for (const layer_traits& layer : config.layers) {
            if (layer.owns_key_values()) values += 2 * size.rows * capacity(size) * layer.key_value_width();
            const auto seen =
                static_cast<double>(layer.window == 0 ? size.positions : std::min(size.positions, layer.window));
            cost.of_forward += tokens * detail::weights_met(layer);
            attention += tokens * seen * static_cast<double>(layer.query_width());
        }
        const double head =
            static_cast<double>(size.logit_rows) * static_cast<double>(config.vocabulary * config.hidden);
        const double runs = kept == kept_activations::residual ? 2 : 1;
        cost.bytes = values * sizeof(float) + scratch_bytes(config, size, kept);
        // Gates of experts, queries, keys and values are computed once more than recorded: a third at most.
        cost.multiply_adds = (runs + 4.0 / 3) * cost.of_forward + (2 * runs + 5) * attention + 2 * head;
        cost.of_forward += 2 * attention + head;
        return cost;
    }

    /// Bytes of values that it holds now; never fewer than before.
    [[nodiscard]] std::size_t bytes() const noexcept {
        std::size_t values = 0;
        for (const zeroed_memory<float>& memory : memory_) values += memory.size();
        return values * sizeof(float) + scratch_.peak();
    }
    [[nodiscard]] kept_activations kept() const noexcept { return kept_; }
    /// Whether there is a place for the gradients of each of the tokens.
    void check_places(std::span<const batch_token> tokens) const noexcept {
        for (const batch_token& token : tokens)
            expects(static_cast<std::size_t>(token.row) < size_.rows &&
                        static_cast<std::size_t>(token.position) < size_.positions,
                    "backward_state: made for fewer rows or positions");
    }
    [[nodiscard]] scratch_stack& scratch() noexcept { return scratch_; }
    /// Gradients by keys and values, laid out as the cache of an owning layer.
    [[nodiscard]] const key_value_cache& key_value_gradients(std::size_t layer) const noexcept {
        return gradients_[layer];
    }
    /// The gradient of the residual stream, [tokens, hidden].
    [[nodiscard]] matrix_view stream(std::size_t tokens) const noexcept { return shaped(stream_, tokens); }
    /// Inputs of all layers before any tap, and their gradients, [tokens, layers * width].
    [[nodiscard]] matrix_view layer_inputs(std::size_t tokens) const noexcept { return shaped(layer_inputs_, tokens); }
    [[nodiscard]] matrix_view of_layer_inputs(std::size_t tokens) const noexcept {
        return shaped(of_layer_inputs_, tokens);
    }
    /// The stream that entered a layer, before any tap.
    [[nodiscard]] matrix_view residual(std::size_t layer, std::size_t tokens) const noexcept {
        return shaped(residual_[layer], tokens);
    }
    /// Zeroes every gradient.
    void begin() noexcept {
        for (const key_value_cache& cache : gradients_) {
            const std::size_t values = cache.keys == nullptr ? 0 : size_.rows * cache.values_a_row();
            std::fill_n(cache.keys, values, 0.0F), std::fill_n(cache.values, values, 0.0F);
        }
        zero(stream_), zero(of_layer_inputs_);
    }

  private:
    [[nodiscard]] static std::size_t capacity(const state_size& size) noexcept {
        return (size.positions + key_tile - 1) / key_tile * key_tile;
    }
    [[nodiscard]] static std::size_t scratch_bytes(const decoder_config& config, const state_size& size,
                                                   kept_activations kept) {
        std::size_t records = 0, widest = 0, passing = 0;
        for (const layer_traits& layer : config.layers) {
            records += detail::recorded_values(layer);
            widest = std::max(widest, detail::recorded_values(layer));
            passing = std::max(passing, size.tokens * detail::passing_values(layer, size.positions) +
                                            2 * size.rows * layer.heads * size.positions);
        }
        const std::size_t recorded = kept == kept_activations::residual ? widest : records;
        const std::size_t head = size.logit_rows * (2 * config.vocabulary + config.hidden);
        const std::size_t inputs = size.tokens * (config.layers.size() * config.layer_input + config.hidden);
        constexpr std::size_t rounding = 64 * 64;  // every piece is rounded up to a line of the cache
        return (size.tokens * recorded + std::max({passing, head, inputs})) * sizeof(float) +
               (config.layers.size() + 1) * rounding;
    }
    [[nodiscard]] matrix_view make(std::size_t rows, std::size_t columns) {
        return {memory_.emplace_back(rows * columns).data(), rows, columns};
    }
    [[nodiscard]] key_value_cache make_cache(const layer_traits& layer) {
        const std::size_t width = layer.key_value_width();
        return {make(size_.rows * capacity(size_), width).data(), make(size_.rows * capacity(size_), width).data(),
                capacity(size_), layer.key_value_heads, layer.head_size};
    }
    [[nodiscard]] static matrix_view shaped(matrix_view buffer, std::size_t rows) noexcept {
        expects(rows <= buffer.rows(), "backward_state: made for fewer tokens a pass");
        return buffer.rows(0, rows);
    }
    static void zero(matrix_view values) noexcept {
        std::fill_n(values.data(), values.rows() * values.columns(), 0.0F);
    }

    kept_activations kept_;
    state_size size_;
    std::vector<zeroed_memory<float>> memory_;
    std::vector<key_value_cache> gradients_;
    std::vector<matrix_view> residual_;
    matrix_view stream_, layer_inputs_, of_layer_inputs_;
    scratch_stack scratch_;
};

}  // namespace unloop::inline v0

#endif
