// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Everything that changes while a decoder runs: caches, angles, scratch space. Allocated once, never during a pass.
#ifndef UNLOOP_MODEL_DECODER_STATE_HPP
#define UNLOOP_MODEL_DECODER_STATE_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/tensor/zeroed_memory.hpp>

#include <algorithm>  // all_of, max, min
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <span>       // memory
#include <vector>     // memory

namespace unloop::inline v0 {

/// How much a state must hold.
struct state_size {
    std::size_t rows = 1;                                      ///< sequences side by side
    std::size_t positions = 256;                               ///< tokens a row, prompt included
    std::size_t tokens = 256;                                  ///< most tokens of one pass, over all rows
    std::size_t logit_rows = 1;                                ///< most tokens of one pass whose logits are computed
    key_value_format keys_and_values = key_value_format::f32;  ///< how caches keep them
    std::size_t state_rows = 0;  ///< most that want logits, where `states` are asked for; never less than `logit_rows`
    std::size_t row_tokens = 0;  ///< most tokens of one row in a pass, for which rings have room; 0: `tokens`
};

/// One per run; two states let two threads use one model. Moved, not copied: a copy of the caches would be costly. A
/// layer with a window keeps the last positions of a row alone, so a row goes on from its end or begins anew; it cannot
/// go back.
class decoder_state {
  public:
    decoder_state(const decoder_config& config, const state_size& size) : decoder_state(config, size, true) {}
    decoder_state(decoder_state&&) noexcept = default;
    decoder_state& operator=(decoder_state&&) noexcept = default;

    /// Bytes of values that a state of this size holds, before it is made.
    [[nodiscard]] static std::size_t bytes(const decoder_config& config, const state_size& size) {
        return decoder_state(config, size, false).bytes_;
    }

    [[nodiscard]] const state_size& size() const noexcept { return size_; }
    [[nodiscard]] const key_value_cache& cache(std::size_t layer) const noexcept { return caches_[layer]; }
    [[nodiscard]] const rotary_angles& angles(std::size_t table) const noexcept { return angles_[table]; }
    [[nodiscard]] block_workspace& space() noexcept { return space_; }
    /// The residual stream of a pass of `tokens` tokens.
    [[nodiscard]] matrix_view stream(std::size_t tokens) const noexcept { return shaped(stream_, tokens); }
    /// Inputs of all layers side by side, [tokens, layers * width].
    [[nodiscard]] matrix_view layer_inputs(std::size_t tokens) const noexcept { return shaped(layer_inputs_, tokens); }
    [[nodiscard]] matrix_view head_input(std::size_t tokens) const noexcept { return shaped(head_input_, tokens); }
    [[nodiscard]] matrix_view logits(std::size_t tokens) const noexcept { return shaped(logits_, tokens); }
    [[nodiscard]] std::vector<batch_token>& head_tokens() noexcept { return head_tokens_; }

    /// Whether a row that holds `held` positions may go on behind its first `kept` as if it held no more: a ring must
    /// still have all that the next query sees, also of a row that has gone back before.
    [[nodiscard]] bool can_go_back(std::size_t row, std::size_t held, std::size_t kept) const noexcept {
        const std::size_t reach = std::max(held, reaches_[row]);
        return kept <= held && (reach - kept <= size_.row_tokens ||
                                std::all_of(caches_.begin(), caches_.end(),
                                            [&](auto& c) { return c.capacity == 0 || reach <= c.capacity; }));
    }
    /// Row `to` begins with the first `positions` positions of row `from`, computed and kept once: it reads them there,
    /// except in rings, which get copies. Row `from` holds `held`, and `can_go_back(from, held, positions)`. What it
    /// reads is copied when the row that keeps it goes another way.
    void share_row(std::size_t from, std::size_t to, std::size_t positions, std::size_t held) {
        check_copy(from, to, positions, held);
        part_ways(to, from == to ? positions : 0);
        if (from == to || positions == 0) return;
        for (const key_value_cache& cache : caches_)
            if (cache.capacity > 0 && cache.prefixes == nullptr)
                cache.copy(from, to, 0, std::min(positions, cache.capacity));
        reaches_[to] = std::max(held, reaches_[from]);
        while (positions <= prefixes_[from].positions) from = prefixes_[from].row;
        prefixes_[to] = {from, positions};
    }
    /// The same as a copy, which may be changed at any position.
    void copy_row(std::size_t from, std::size_t to, std::size_t positions) {
        check_copy(from, to, positions, positions);
        if (from == to) return;
        part_ways(to, 0);
        for (const key_value_cache& cache : caches_)
            if (cache.capacity > 0) cache.copy(from, to, 0, std::min(positions, cache.capacity));
        reaches_[to] = std::max(positions, reaches_[from]);
    }
    /// Before a pass computes `tokens`, in all layers or in those above some, whose keys and values below them then
    /// stay what they are: no row shall read what it overwrites.
    void begin_pass(std::span<const batch_token> tokens, bool in_all_layers = true) {
        for (const batch_token& token : tokens) {
            const auto row = static_cast<std::size_t>(token.row), position = static_cast<std::size_t>(token.position);
            const row_prefix before = prefixes_[row];
            part_ways(row, position);
            if (!in_all_layers) copy_own(row, before);
            if (position == 0) reaches_[row] = 0;
        }
        for (const batch_token& token : tokens) {
            std::size_t& reach = reaches_[static_cast<std::size_t>(token.row)];
            reach = std::max(reach, static_cast<std::size_t>(token.position) + 1);
        }
    }
    /// Copies one position of row `from` to row `to`, in the first `layers` layers.
    void copy_position(std::size_t from, std::size_t to, std::size_t position, std::size_t layers) {
        for (const key_value_cache& cache : std::span(caches_).first(layers))
            if (cache.capacity > 0) cache.copy(from, to, position, 1);
    }

  private:
    /// Without `allocates` nothing is but counted.
    decoder_state(const decoder_config& config, const state_size& size, bool allocates)
        : size_(size), allocates_(allocates) {
        size_.state_rows = std::max(size.state_rows, size.logit_rows);
        if (size.row_tokens == 0) size_.row_tokens = size.tokens;
        bytes_ += size.rows * (sizeof(row_prefix) + sizeof(std::size_t));
        if (allocates) prefixes_.resize(size.rows), reaches_.resize(size.rows);
        make_caches(config);
        make_tables(config);
        make_workspace(config);
        stream_ = make(size.tokens, config.hidden);
        layer_inputs_ = make(size.tokens, config.layers.size() * config.layer_input);
        head_input_ = make(size_.state_rows, config.hidden);
        logits_ = make(size.logit_rows, config.vocabulary);
        bytes_ += size_.state_rows * sizeof(batch_token);
        if (allocates) head_tokens_.reserve(size_.state_rows);
    }

    void check_copy(std::size_t from, std::size_t to, std::size_t positions, std::size_t held) const {
        expects(from < size_.rows && to < size_.rows && held <= size_.positions, "decoder_state: rows of this state");
        expects(can_go_back(from, held, positions), "decoder_state: a ring has lost what the row would read");
    }
    /// From position `kept` on `row` holds something else: of the rows that read it there, the one that reads most gets
    /// copies, which the others read from now on.
    void part_ways(std::size_t row, std::size_t kept) {
        const auto reads_there = [&](std::size_t r) {
            return r != row && prefixes_[r].row == row && prefixes_[r].positions > kept;
        };
        std::size_t heir = row;
        for (std::size_t r = 0; r < size_.rows; ++r)
            if (reads_there(r) && (heir == row || prefixes_[r].positions > prefixes_[heir].positions)) heir = r;
        if (heir != row) {
            const std::size_t end = prefixes_[heir].positions;
            for (std::size_t r = 0; r < size_.rows; ++r)
                if (r != heir && reads_there(r)) prefixes_[r].row = heir;
            prefixes_[heir] = kept > 0 ? row_prefix{row, kept}
                                       : row_prefix{prefixes_[row].row, std::min(prefixes_[row].positions, end)};
            for (const key_value_cache& cache : caches_)
                for (std::size_t p = prefixes_[heir].positions; cache.prefixes != nullptr && p < end; ++p)
                    cache.copy(row, heir, p, 1);
        }
        prefixes_[row].positions = std::min(prefixes_[row].positions, kept);
    }
    /// What `row` read at positions that it reads no more becomes its own.
    void copy_own(std::size_t row, const row_prefix& before) {
        for (const key_value_cache& cache : caches_)
            for (std::size_t p = prefixes_[row].positions; cache.prefixes != nullptr && p < before.positions; ++p)
                cache.copy(before.row, row, p, 1);
    }
    /// Positions that a row keeps in a layer: the context, or a ring that holds the window of every query of a pass.
    [[nodiscard]] std::size_t capacity_of(std::size_t window) const noexcept {
        const std::size_t wanted =
            window == 0 ? size_.positions : std::min(size_.positions, window - 1 + size_.row_tokens);
        return (wanted + key_tile - 1) / key_tile * key_tile;
    }
    [[nodiscard]] static matrix_view shaped(matrix_view buffer, std::size_t rows) noexcept {
        expects(rows <= buffer.rows(), "decoder_state: made for fewer tokens a pass");
        return buffer.rows(0, rows);
    }
    template <class Element>
    std::span<Element> make_values(std::vector<zeroed_memory<Element>>& memory, std::size_t count) {
        bytes_ += count * sizeof(Element);
        if (!allocates_) return {};
        return memory.emplace_back(count);
    }
    matrix_view make(std::size_t rows, std::size_t columns) {
        return {make_values(memory_, rows * columns).data(), rows, columns};
    }
    void make_caches(const decoder_config& config) {
        caches_.resize(config.layers.size());
        for (std::size_t i = 0; i < caches_.size(); ++i) {
            const layer_traits& layer = config.layers[i];
            expects(layer.layer == i && layer.key_value_layer <= i,
                    "decoder_state: keys and values are those of the layer itself, or of one below");
            const layer_traits& owner = config.layers[layer.key_value_layer];
            expects(owner.owns_key_values() && layer.window == owner.window && layer.head_size == owner.head_size &&
                        layer.key_value_heads == owner.key_value_heads,
                    "decoder_state: layers that share keys and values have the same window and heads");
            if (!layer.owns_key_values()) continue;
            caches_[i].capacity = capacity_of(layer.window);
            if (caches_[i].capacity >= size_.positions) caches_[i].prefixes = prefixes_.data();
            caches_[i].heads = layer.key_value_heads, caches_[i].head_size = layer.head_size;
            const std::size_t values = size_.rows * caches_[i].values_a_row();
            if (size_.keys_and_values == key_value_format::bf16) {
                caches_[i].narrow_keys = make_values(narrow_, values).data();
                caches_[i].narrow_values = make_values(narrow_, values).data();
            } else {
                caches_[i].keys = make_values(memory_, values).data();
                caches_[i].values = make_values(memory_, values).data();
            }
        }
    }
    void make_tables(const decoder_config& config) {
        for (const rotary_spec& spec : config.rotary_tables) {
            const matrix_view cosines = make(size_.positions, spec.head_size / 2);
            const matrix_view sines = make(size_.positions, spec.head_size / 2);
            if (allocates_) fill_rotary_table(spec, cosines, sines);
            angles_.push_back({cosines, sines});
        }
    }
    void make_workspace(const decoder_config& config) {
        std::size_t queries = 0, keys = 0, width = 0, experts = 0, used = 0, expert_width = 0;
        for (const layer_traits& layer : config.layers) {
            queries = std::max(queries, layer.query_width());
            keys = std::max(keys, layer.key_value_width());
            width = std::max({width, layer.mlp_width, layer.layer_input});
            experts = std::max(experts, layer.experts);
            used = std::max(used, layer.experts_used);
            expert_width = std::max(expert_width, layer.expert_width);
        }
        const std::size_t tokens = size_.tokens, hidden = config.hidden;
        space_.normed = make(tokens, hidden), space_.branch = make(tokens, hidden);
        space_.queries = make(tokens, queries), space_.attended = make(tokens, queries);
        space_.keys = make(tokens, keys), space_.values = make(tokens, keys);
        space_.gate = make(tokens, width), space_.up = make(tokens, width);
        if (experts > 0) make_expert_workspace(experts, used, expert_width, hidden);
    }
    void make_expert_workspace(std::size_t experts, std::size_t used, std::size_t width, std::size_t hidden) {
        const std::size_t tokens = size_.tokens, pairs = tokens * used;
        expert_workspace& space = space_.experts;
        space.normed = make(tokens, hidden), space.output = make(tokens, hidden);
        space.grouped = make(pairs, hidden);
        space.gate = make(pairs, width), space.up = make(pairs, width), space.neurons = make(pairs, width);
        space.probabilities = make(tokens, experts), space.weights = make(tokens, used);
        space.chosen = make_values(numbers_, pairs);
        space.order = make_values(places_, pairs), space.place = make_values(places_, pairs);
        space.begins = make_values(places_, experts + 1);
    }

    state_size size_;
    bool allocates_;
    std::size_t bytes_ = 0;
    std::vector<zeroed_memory<float>> memory_;
    std::vector<zeroed_memory<bfloat16>> narrow_;
    std::vector<zeroed_memory<std::int32_t>> numbers_;
    std::vector<zeroed_memory<std::size_t>> places_;
    std::vector<row_prefix> prefixes_;  // by row
    std::vector<std::size_t> reaches_;  // by row: behind the last position that was computed since it began anew
    std::vector<key_value_cache> caches_;
    std::vector<rotary_angles> angles_;
    std::vector<batch_token> head_tokens_;
    block_workspace space_;
    matrix_view stream_, layer_inputs_, head_input_, logits_;
};

}  // namespace unloop::inline v0

#endif
