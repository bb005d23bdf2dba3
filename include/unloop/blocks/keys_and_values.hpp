// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Where attention takes keys and values from: projections of the layer's own, with or without norms, or a layer below.
#ifndef UNLOOP_BLOCKS_KEYS_AND_VALUES_HPP
#define UNLOOP_BLOCKS_KEYS_AND_VALUES_HPP

#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>

#include <algorithm>  // copy
#include <cstddef>    // size_t
#include <span>       // heads

namespace unloop::inline v0 {

/// Puts projected keys and values of all tokens of the run into the layer's cache, keys turned by `Rotary`;
/// `prepare(keys, values)` may change those of each token first. keys, values: [tokens, key/value width]; the keys are
/// changed in place. O(tokens * width).
template <class Rotary, class Run, class Prepare>
void store_keys_and_values(Run& run, matrix_view keys, matrix_view values, const Prepare& prepare) {
    for_each_row(run.executor, run.tokens.size(), [&](std::size_t t) {
        const auto row = static_cast<std::size_t>(run.tokens[t].row);
        const auto position = static_cast<std::size_t>(run.tokens[t].position);
        prepare(keys[t], values[t]);
        Rotary::turn(run, position, keys[t]);
        run.cache.store(row, position, keys[t], values[t]);
    });
    run.template notify<sites::attention_keys>(keys);
}

/// Takes the gradients by keys (turned back by `Rotary`) and values of all tokens of the run out of the gradients of
/// the layer's cache; keys, values: [tokens, key/value width].
template <class Rotary, class Run>
void load_key_value_gradients(Run& run, matrix_view keys, matrix_view values) {
    for_each_row(run.executor, run.tokens.size(), [&](std::size_t t) {
        const auto row = static_cast<std::size_t>(run.tokens[t].row);
        const auto position = static_cast<std::size_t>(run.tokens[t].position);
        run.key_value_gradients.load(row, position, keys[t], values[t]);
        Rotary::turn_back(run, position, keys[t]);
    });
}

/// The layer projects keys and values of its own, and keeps them in its cache.
struct own_keys_and_values {
    matrix_parameter key, value;  ///< [key/value width, hidden] each

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        const parameter_shape shape{traits.key_value_width(), traits.hidden};
        visit(parameter_role::key, shape, key);
        visit(parameter_role::value, shape, value);
    }
    /// Stores the keys (turned by `Rotary`) and values of all tokens of the run; normed: [tokens, hidden].
    template <class Rotary, class Run>
    void store(Run& run, const_matrix_view normed) const {
        const std::size_t width = run.traits.key_value_width();
        const matrix_view keys = run.rows_of(run.space.keys, width), values = run.rows_of(run.space.values, width);
        apply_linear_pair(run.backend, run.executor, key, value, normed, keys, values);
        store_keys_and_values<Rotary>(run, keys, values, [](std::span<float>, std::span<float>) {});
    }
    /// Adds to the gradient of `normed` from the gradients of the layer's cache, which hold those of every layer that
    /// reads it.
    template <class Rotary, class Run>
    void backward(Run& run, const_matrix_view normed, matrix_view of_normed) const {
        scratch_scope scope(run.scratch);
        const std::size_t width = run.traits.key_value_width();
        const matrix_view of_keys = run.scratch.matrix(of_normed.rows(), width);
        const matrix_view of_values = run.scratch.matrix(of_normed.rows(), width);
        load_key_value_gradients<Rotary>(run, of_keys, of_values);
        run.notify_weights(parameter_role::value, normed, of_values);
        run.notify_weights(parameter_role::key, normed, of_keys);
        apply_linear_transposed(run.backend, run.executor, key, of_keys, of_normed);
        apply_linear_transposed(run.backend, run.executor, value, of_values, of_normed);
    }
};

/// The same with norms over each head: keys with a weight, before they are turned; values without one, never turned.
/// Where `values_from_keys`, there is no value projection: the projected keys, before norm and rotation, are the values
/// (Gemma 4's global layers, "K=V"). A `Norm` that is made without a weight has none.
template <class Norm>
struct normed_keys_and_values {
    matrix_parameter key, value;  ///< [key/value width, hidden] each
    Norm key_norm;                ///< weight [head size]

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        const parameter_shape shape{traits.key_value_width(), traits.hidden};
        visit(parameter_role::key, shape, key);
        visit(parameter_role::key_norm, parameter_shape{1, traits.head_size}, key_norm.weight);
        if (!traits.values_from_keys) visit(parameter_role::value, shape, value);
    }
    template <class Rotary, class Run>
    void store(Run& run, const_matrix_view normed) const {
        const layer_traits& traits = run.traits;
        const std::size_t width = traits.key_value_width();
        const matrix_view keys = run.rows_of(run.space.keys, width), values = run.rows_of(run.space.values, width);
        project(run, normed, keys, values);
        store_keys_and_values<Rotary>(run, keys, values, [&](std::span<float> k, std::span<float> v) {
            if (traits.values_from_keys) std::copy(k.begin(), k.end(), v.begin());
            for (std::size_t at = 0; at < width; at += traits.head_size) {
                Norm{}.forward(run, v.subspan(at, traits.head_size));
                key_norm.forward(run, k.subspan(at, traits.head_size));
            }
        });
    }
    template <class Rotary, class Run>
    void backward(Run& run, const_matrix_view normed, matrix_view of_normed) const {
        scratch_scope scope(run.scratch);
        const layer_traits& traits = run.traits;
        const std::size_t tokens = normed.rows(), width = traits.key_value_width(), size = traits.head_size;
        const matrix_view keys = run.scratch.matrix(tokens, width), of_keys = run.scratch.matrix(tokens, width);
        const matrix_view values = traits.values_from_keys ? keys : run.scratch.matrix(tokens, width);
        const matrix_view of_values = run.scratch.matrix(tokens, width);
        project(run, normed, keys, values);
        load_key_value_gradients<Rotary>(run, of_keys, of_values);
        for_each_row(run.executor, tokens, [&](std::size_t t) {
            for (std::size_t at = 0; at < width; at += size) {
                Norm{}.backward(run, values[t].subspan(at, size), of_values[t].subspan(at, size));
                key_norm.backward(run, keys[t].subspan(at, size), of_keys[t].subspan(at, size));
            }
            if (traits.values_from_keys) kernels::add(run.backend, of_values[t], of_keys[t]);
        });
        if (!traits.values_from_keys) run.notify_weights(parameter_role::value, normed, of_values);
        run.notify_weights(parameter_role::key, normed, of_keys);
        apply_linear_transposed(run.backend, run.executor, key, of_keys, of_normed);
        if (!traits.values_from_keys) apply_linear_transposed(run.backend, run.executor, value, of_values, of_normed);
    }

  private:
    /// Before norm and rotation; values are left alone where they are the keys.
    template <class Run>
    void project(Run& run, const_matrix_view normed, matrix_view keys, matrix_view values) const {
        if (run.traits.values_from_keys)
            apply_linear(run.backend, run.executor, key, normed, keys);
        else
            apply_linear_pair(run.backend, run.executor, key, value, normed, keys, values);
    }
};

/// Only the layer that owns a cache projects keys and values; the others read what it stored, of all positions, those
/// of the present pass among them.
template <class KeyValues>
struct shared_across_layers {
    KeyValues own;

    template <class Visitor>
    void for_each_parameter(const layer_traits& traits, Visitor&& visit) {
        if (traits.owns_key_values()) own.for_each_parameter(traits, visit);
    }
    template <class Rotary, class Run>
    void store(Run& run, const_matrix_view normed) const {
        if (run.traits.owns_key_values()) own.template store<Rotary>(run, normed);
    }
    /// Layers above have left their gradients in the owner's by then.
    template <class Rotary, class Run>
    void backward(Run& run, const_matrix_view normed, matrix_view of_normed) const {
        if (run.traits.owns_key_values()) own.template backward<Rotary>(run, normed, of_normed);
    }
};

}  // namespace unloop::inline v0

#endif
