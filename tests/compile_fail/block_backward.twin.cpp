// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: the part carries gradients back.
#include <unloop/blocks/layer_scale.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/model/llama.hpp>

struct halves {
    template <class Visitor>
    void for_each_parameter(const unloop::layer_traits&, Visitor&&) {}
    template <class Run>
    void apply(Run&, unloop::matrix_view) const {}
    template <class Run>
    void backward(Run&, unloop::const_matrix_view, unloop::matrix_view) const {}
};

using attention = unloop::attention<unloop::grouped_heads, unloop::causal, unloop::rotary, unloop::own_keys_and_values>;
using layer = unloop::transformer_block<unloop::pre_norm<unloop::rms_norm>, attention,
                                        unloop::gated_mlp<unloop::kernels::silu_t>, halves>;

void use(const layer& mine, unloop::detail::any_backward_run& run, unloop::matrix_view gradient) {
    mine.backward(run, gradient);
}
