// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it lists them.
#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/kernels/silu.hpp>

using own_attention =
    unloop::attention<unloop::grouped_heads, unloop::causal, unloop::rotary, unloop::own_keys_and_values>;
using wiring = unloop::pre_norm<unloop::rms_norm>;
using mlp = unloop::gated_mlp<unloop::kernels::silu_t>;

struct residual {
    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits&, Visitor&&) {}
    template <class Run>
    void apply(Run&, unloop::matrix_view) const {}
};

unloop::transformer_block<wiring, own_attention, mlp, residual> layer;
