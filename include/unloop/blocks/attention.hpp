// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Multi-head attention from four policies: heads, mask, rotary embedding, source of keys and values.
#ifndef UNLOOP_BLOCKS_ATTENTION_HPP
#define UNLOOP_BLOCKS_ATTENTION_HPP

#include <unloop/blocks/attention_backward.hpp>
#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/kernels/exp_sum.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/rotary.hpp>
#include <unloop/kernels/rotary_vjp.hpp>
#include <unloop/kernels/scale.hpp>
#include <unloop/kernels/weighted_sum.hpp>

#include <algorithm>  // clamp, max, min_element
#include <cmath>      // exp
#include <cstddef>    // size_t
#include <limits>     // infinity

namespace unloop::inline v0 {

/// Query heads in groups that share one key/value head: query head h uses key/value head h / (heads / key_value_heads).
struct grouped_heads {
    matrix_parameter query;   ///< [query width, hidden]
    matrix_parameter output;  ///< [hidden, query width]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        visit(parameter_role::query, parameter_shape{traits.query_width(), traits.hidden}, query);
        visit(parameter_role::attention_output, parameter_shape{traits.hidden, traits.query_width()}, output);
    }
    /// What happens to projected queries before they are turned; here nothing.
    template <class Run>
    void prepare(const Run& /*run*/, std::span<float> /*heads*/) const {}
    /// Gradients of prepared queries become those of projected ones, in place; heads: as they were projected.
    template <class Run>
    void prepare_backward(const Run& /*run*/, std::span<const float> /*heads*/, std::span<float> /*gradient*/) const {}
};

/// The same with a norm over each query head ("q norm").
template <class Norm>
struct grouped_heads_with_norm : grouped_heads {
    Norm norm;  ///< weight [head size], shared by the heads

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        grouped_heads::for_each_parameter(traits, visit);
        visit(parameter_role::query_norm, parameter_shape{1, traits.head_size}, norm.weight);
    }
    template <class Run>
    void prepare(const Run& run, std::span<float> heads) const {
        for (std::size_t at = 0; at < heads.size(); at += run.traits.head_size)
            norm.forward(run, heads.subspan(at, run.traits.head_size));
    }
    template <class Run>
    void prepare_backward(const Run& run, std::span<const float> heads, std::span<float> gradient) const {
        for (std::size_t at = 0; at < heads.size(); at += run.traits.head_size)
            norm.backward(run, heads.subspan(at, run.traits.head_size), gradient.subspan(at, run.traits.head_size));
    }
};

/// A query sees itself and everything before it, or the last `window` positions where the layer has one.
struct causal {
    [[nodiscard]] static std::size_t first_visible(const layer_traits& traits, std::size_t position) noexcept {
        return traits.window == 0 || position < traits.window ? 0 : position + 1 - traits.window;
    }
};

/// Rotary position embedding of every head of a vector.
struct rotary {
    template <class Run>
    static void turn(const Run& run, std::size_t position, std::span<float> heads) {
        for (std::size_t at = 0; at < heads.size(); at += run.traits.head_size)
            kernels::rotary(run.backend, run.traits.rotary_pairs, run.angles.cosines[position],
                            run.angles.sines[position], heads.subspan(at, run.traits.head_size));
    }
    /// Gradients of turned heads become those of heads before they were turned, in place.
    template <class Run>
    static void turn_back(const Run& run, std::size_t position, std::span<float> gradient) {
        for (std::size_t at = 0; at < gradient.size(); at += run.traits.head_size)
            kernels::rotary_vjp(run.backend, run.traits.rotary_pairs, run.angles.cosines[position],
                                run.angles.sines[position], gradient.subspan(at, run.traits.head_size));
    }
};

/// out = output . concat over heads of softmax(scale q.k) v; normed, out: [tokens, hidden] (Vaswani et al., 2017, with
/// grouped heads: Ainslie et al., 2023). Softmax is computed tile by tile over absolute positions, so the result of a
/// token depends on its own row alone; neighbouring tokens of a row go through the tiles together. O(tokens * (hidden *
/// width + context * query width)).
template <class Heads, class Mask, class Rotary, class KeyValues>
struct attention {
    static_assert(query_heads_part<Heads>,
                  "heads: needs for_each_parameter, the matrices query and output, and void prepare(const Run&, "
                  "std::span<float> heads) const; see docs/concepts/attention.md");
    static_assert(mask_part<Mask>,
                  "mask: needs static std::size_t first_visible(const layer_traits&, std::size_t position); see "
                  "docs/concepts/attention.md");
    static_assert(rotary_part<Rotary>,
                  "rotary: needs static void turn(const Run&, std::size_t position, std::span<float> heads); see "
                  "docs/concepts/attention.md");
    static_assert(key_value_part<KeyValues, Rotary>,
                  "keys and values: needs for_each_parameter and template <class Rotary, class Run> void store(Run&, "
                  "const_matrix_view normed) const; see docs/concepts/attention.md");

    Heads heads;
    KeyValues key_values;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        heads.for_each_parameter(traits, visit);
        key_values.for_each_parameter(traits, visit);
    }

    template <class Run>
    void forward(Run& run, const_matrix_view normed, matrix_view out) const {
        const layer_traits& traits = run.traits;
        const matrix_view queries = run.rows_of(run.space.queries, traits.query_width());
        const matrix_view attended = run.rows_of(run.space.attended, traits.query_width());
        apply_linear(run.backend, run.executor, heads.query, normed, queries);
        key_values.template store<Rotary>(run, normed);
        const std::size_t count = run.tokens.size();
        run.executor.for_each(count * traits.key_value_heads, grain(run), [&](std::size_t first, std::size_t last) {
            for (std::size_t item = first; item < last; ++item)
                if (const std::size_t together = tokens_together(run, item % count); together > 0)
                    attend_group(run, item % count, together, item / count, queries, attended);
        });
        run.template notify<sites::attention_queries>(queries);
        run.template notify<sites::attention_heads>(attended);
        apply_linear(run.backend, run.executor, heads.output, attended, out);
    }

    /// Adds to the gradient of normed, through queries, and through keys and values where the layer has its own;
    /// gradient: of the output. Tokens of a row that are not in this pass count as constants. O(forward).
    template <class Run>
    void backward(Run& run, const_matrix_view normed, matrix_view gradient, matrix_view of_normed) const {
        scratch_scope scope(run.scratch);
        const std::size_t tokens = run.tokens.size(), width = run.traits.query_width();
        const matrix_view of_attended = run.scratch.zeros(tokens, width);
        run.notify_weights(parameter_role::attention_output, run.record.template values<sites::attention_heads>(),
                           gradient);
        apply_linear_transposed(run.backend, run.executor, heads.output, gradient, of_attended);
        run.template notify_gradient<sites::attention_heads>(of_attended);
        const matrix_view projected = run.scratch.matrix(tokens, width);
        apply_linear(run.backend, run.executor, heads.query, normed, projected);
        const matrix_view queries = run.scratch.copy(projected), of_queries = run.scratch.zeros(tokens, width);
        for_each_row(run.executor, tokens, [&](std::size_t t) {
            heads.prepare(run, queries[t]);
            Rotary::turn(run, static_cast<std::size_t>(run.tokens[t].position), queries[t]);
        });
        attend_backward<Mask>(run, queries, of_attended, of_queries);
        for_each_row(run.executor, tokens, [&](std::size_t t) {
            Rotary::turn_back(run, static_cast<std::size_t>(run.tokens[t].position), of_queries[t]);
            heads.prepare_backward(run, projected[t], of_queries[t]);
        });
        run.notify_weights(parameter_role::query, normed, of_queries);
        apply_linear_transposed(run.backend, run.executor, heads.query, of_queries, of_normed);
        key_values.template backward<Rotary>(run, normed, of_normed);
    }

  private:
    /// Items (a token and a key/value head) that are worth handing out: a single one where many keys are read.
    template <class Run>
    [[nodiscard]] static std::size_t grain(const Run& run) {
        constexpr std::size_t positions = 256, most = 4;
        std::size_t longest = 1;
        for (const batch_token& token : run.tokens)
            longest = std::max(longest, static_cast<std::size_t>(token.position) + 1);
        return std::clamp<std::size_t>(positions / longest, 1, most);
    }

    /// Tokens from `t` on that one call of `attend_group` handles: neighbours of one row, which read the same keys.
    template <class Run>
    [[nodiscard]] static std::size_t tokens_together(const Run& run, std::size_t t) {
        const auto follows = [&](std::size_t next) {
            const batch_token &before = run.tokens[next - 1], &after = run.tokens[next];
            return after.row == before.row && after.position == before.position + 1;
        };
        if (t % most_together != 0 && follows(t)) return 0;  // an earlier token has taken this one along
        std::size_t count = 1;
        while ((t + count) % most_together != 0 && t + count < run.tokens.size() && follows(t + count)) ++count;
        return count;
    }

    /// The query heads of tokens [t, t + count) that share key/value head `head`: their keys are read once a tile.
    template <class Run>
    void attend_group(const Run& run, std::size_t t, std::size_t count, std::size_t head, matrix_view queries,
                      matrix_view attended) const {
        const layer_traits& traits = run.traits;
        const std::size_t group = traits.heads / traits.key_value_heads, size = traits.head_size;
        const std::size_t channel = head * group * size, width = queries.stride(0);
        const auto row = static_cast<std::size_t>(run.tokens[t].row);
        const auto position = static_cast<std::size_t>(run.tokens[t].position);
        for (std::size_t i = 0; i < count; ++i) {
            heads.prepare(run, queries[t + i].subspan(channel, group * size));
            Rotary::turn(run, position + i, queries[t + i].subspan(channel, group * size));
        }
        float* const from = queries[t].data() + channel;
        float* const to = attended[t].data() + channel;
        if (count == 1) {  // the heads of one token side by side
            for (std::size_t at = 0; at < group; at += most_together) {
                const std::size_t n = std::min(most_together, group - at);
                attend_tiles(run, query_block{row, head, position, 0}, matrix_view(from + at * size, n, size),
                             matrix_view(to + at * size, n, size));
            }
            return;
        }
        for (std::size_t at = 0; at < group; ++at)  // the tokens of one head
            attend_tiles(run, query_block{row, head, position, 1},
                         matrix_view(from + at * size, {count, size}, {width, 1}),
                         matrix_view(to + at * size, {count, size}, {attended.stride(0), 1}));
    }

    /// Query q of a block stands at `position` + q * `step`.
    struct query_block {
        std::size_t row, head, position, step;
        [[nodiscard]] std::size_t position_of(std::size_t q) const noexcept { return position + q * step; }
    };

    /// query, sums: [at most most_together, head size].
    template <class Run>
    static void attend_tiles(const Run& run, const query_block& block, matrix_view query, matrix_view sums) {
        float scores_memory[most_together * key_tile], largest[most_together], totals[most_together] = {};
        std::size_t begins[most_together] = {};
        const std::size_t count = query.rows(), end = block.position_of(count - 1) + 1;
        std::fill_n(largest, count, -std::numeric_limits<float>::infinity());
        for (std::size_t q = 0; q < count; ++q) {
            begins[q] = Mask::first_visible(run.traits, block.position_of(q));
            std::fill(sums[q].begin(), sums[q].end(), 0.0F);
        }
        for (std::size_t first = *std::min_element(begins, begins + count); first < end;) {
            const std::size_t last = std::min(end, (first / key_tile + 1) * key_tile);
            const matrix_view scores(scores_memory, count, last - first);
            run.cache.for_keys_of(block.row, first, last - first, block.head, [&](std::size_t k, const auto& keys) {
                kernels::matmul(run.backend, keys, query, scores.columns(k, keys.rows));
            });
            for (std::size_t q = 0; q < count; ++q) {
                const std::size_t from = std::max(first, begins[q]), to = std::min(last, block.position_of(q) + 1);
                if (from >= to) continue;
                const std::span<float> seen = scores[q].subspan(from - first, to - from);
                weigh_tile(run, seen, largest[q], totals[q], sums[q]);
                run.cache.for_values_of(
                    block.row, from, to - from, block.head, [&](std::size_t k, const_matrix_view values) {
                        kernels::weighted_sum(run.backend, seen.subspan(k, values.rows()), values, sums[q]);
                    });
            }
            first = last;
        }
        for (std::size_t q = 0; q < count; ++q) kernels::scale(run.backend, 1.0F / totals[q], sums[q]);
    }

    /// One step of the online softmax: rescales what was summed so far to the new largest score; scores become weights.
    template <class Run>
    static void weigh_tile(const Run& run, std::span<float> scores, float& largest, float& total,
                           std::span<float> sum) {
        kernels::scale(run.backend, run.traits.attention_scale, scores);
        const float now = std::max(largest, scores[kernels::argmax(run.backend, scores)]);
        if (now != largest) {
            const float shrink = std::exp(largest - now);
            kernels::scale(run.backend, shrink, sum);
            total *= shrink;
            largest = now;
        }
        total += kernels::exp_sum(run.backend, largest, scores);
    }

    static constexpr std::size_t most_together = 16;  ///< queries handled at once; bounds the scores on the stack
};

}  // namespace unloop::inline v0

#endif
