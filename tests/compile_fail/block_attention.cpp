// expect: attention: needs for_each_parameter and void forward(Run&, const_matrix_view normed, matrix_view out)
// expect: docs/concepts/attention.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Attention that is called by another name.
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

struct attention {
    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits&, Visitor&&) {}
    template <class Run>
    void attend(Run&, unloop::const_matrix_view, unloop::matrix_view) const {}
};

unloop::transformer_block<wiring, attention, mlp> layer;
