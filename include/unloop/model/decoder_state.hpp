// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Everything that changes while a decoder runs: caches, angles, scratch space. Allocated once, never during a pass.
#ifndef UNLOOP_MODEL_DECODER_STATE_HPP
#define UNLOOP_MODEL_DECODER_STATE_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/model/decoder_config.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <vector>     // memory

namespace unloop::inline v0 {

/// How much a state must hold.
struct state_size {
    std::size_t rows = 1;         ///< sequences side by side
    std::size_t positions = 256;  ///< tokens a row, prompt included
    std::size_t tokens = 256;     ///< most tokens of one pass, over all rows
    std::size_t logit_rows = 1;   ///< most tokens of one pass that want logits
};

/// One per run; two states let two threads use one model. Moved, not copied: a copy of the caches would be costly.
class decoder_state {
  public:
    decoder_state(const decoder_config& config, const state_size& size) : size_(size) {
        layer_traits widest;
        for (const layer_traits& layer : config.layers) {
            widest.mlp_width = std::max(widest.mlp_width, layer.mlp_width);
            queries_ = std::max(queries_, layer.query_width());
            key_values_ = std::max(key_values_, layer.key_value_width());
        }
        make_caches(config);
        make_tables(config);
        stream_ = make(size.tokens, config.hidden);
        space_ = {make(size.tokens, config.hidden),    make(size.tokens, config.hidden),
                  make(size.tokens, queries_),         make(size.tokens, queries_),
                  make(size.tokens, key_values_),      make(size.tokens, key_values_),
                  make(size.tokens, widest.mlp_width), make(size.tokens, widest.mlp_width)};
        head_input_ = make(size.logit_rows, config.hidden);
        logits_ = make(size.logit_rows, config.vocabulary);
        head_tokens_.reserve(size.logit_rows);
    }
    decoder_state(decoder_state&&) noexcept = default;
    decoder_state& operator=(decoder_state&&) noexcept = default;

    /// Bytes that a state of this size takes, before it is made.
    [[nodiscard]] static std::size_t bytes(const decoder_config& config, const state_size& size) {
        std::size_t floats = size.tokens * 3 * config.hidden + size.logit_rows * (config.hidden + config.vocabulary);
        std::size_t queries = 0, key_values = 0, width = 0;
        for (std::size_t i = 0; i < config.layers.size(); ++i) {
            const layer_traits& layer = config.layers[i];
            queries = std::max(queries, layer.query_width()), width = std::max(width, layer.mlp_width);
            key_values = std::max(key_values, layer.key_value_width());
            if (layer.key_value_layer == i) floats += 2 * size.rows * capacity_of(size) * layer.key_value_width();
        }
        for (const rotary_spec& spec : config.rotary_tables) floats += capacity_of(size) * spec.head_size;
        return sizeof(float) * (floats + 2 * size.tokens * (queries + key_values + width));
    }

    [[nodiscard]] const state_size& size() const noexcept { return size_; }
    [[nodiscard]] const key_value_cache& cache(std::size_t layer) const noexcept { return caches_[layer]; }
    [[nodiscard]] const rotary_angles& angles(std::size_t table) const noexcept { return angles_[table]; }
    [[nodiscard]] block_workspace& space() noexcept { return space_; }
    /// The residual stream of a pass of `tokens` tokens.
    [[nodiscard]] matrix_view stream(std::size_t tokens) const noexcept { return shaped(stream_, tokens); }
    [[nodiscard]] matrix_view head_input(std::size_t tokens) const noexcept { return shaped(head_input_, tokens); }
    [[nodiscard]] matrix_view logits(std::size_t tokens) const noexcept { return shaped(logits_, tokens); }
    [[nodiscard]] std::vector<batch_token>& head_tokens() noexcept { return head_tokens_; }

    /// Copies the first `positions` cached positions of row `from` to row `to`: a prompt that rows share is computed
    /// once.
    void copy_row(std::size_t from, std::size_t to, std::size_t positions) {
        expects(from < size_.rows && to < size_.rows && positions <= size_.positions, "copy_row: rows of this state");
        for (const key_value_cache& cache : caches_) {
            if (cache.keys == nullptr || from == to) continue;
            std::copy_n(cache.key(from, 0).data(), positions * cache.width, cache.key(to, 0).data());
            std::copy_n(cache.value(from, 0).data(), positions * cache.width, cache.value(to, 0).data());
        }
    }

  private:
    [[nodiscard]] static std::size_t capacity_of(const state_size& size) noexcept {
        return (size.positions + key_tile - 1) / key_tile * key_tile;
    }
    [[nodiscard]] static matrix_view shaped(matrix_view buffer, std::size_t rows) noexcept {
        expects(rows <= buffer.rows(), "decoder_state: made for fewer tokens a pass");
        return buffer.rows(0, rows);
    }
    matrix_view make(std::size_t rows, std::size_t columns) {
        memory_.emplace_back(rows * columns);
        return {memory_.back().data(), rows, columns};
    }
    void make_caches(const decoder_config& config) {
        const std::size_t capacity = capacity_of(size_);
        caches_.resize(config.layers.size());
        for (std::size_t i = 0; i < caches_.size(); ++i) {
            const std::size_t width = config.layers[i].key_value_width();
            if (config.layers[i].key_value_layer == i)
                caches_[i] = {make(size_.rows * capacity, width).data(), make(size_.rows * capacity, width).data(),
                              capacity, width};
        }
    }
    void make_tables(const decoder_config& config) {
        for (const rotary_spec& spec : config.rotary_tables) {
            const matrix_view cosines = make(size_.positions, spec.head_size / 2);
            const matrix_view sines = make(size_.positions, spec.head_size / 2);
            fill_rotary_table(spec, cosines, sines);
            angles_.push_back({cosines, sines});
        }
    }

    state_size size_;
    std::size_t queries_ = 0;
    std::size_t key_values_ = 0;
    std::vector<std::vector<float>> memory_;
    std::vector<key_value_cache> caches_;
    std::vector<rotary_angles> angles_;
    std::vector<batch_token> head_tokens_;
    block_workspace space_;
    matrix_view stream_, head_input_, logits_;
};

}  // namespace unloop::inline v0

#endif
