// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// One layer as a function, to be compiled to assembly with the tap that TAP names.
#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/parallel/serial.hpp>

using unloop::no_tap;

/// Has an event, at a site that no layer reaches.
struct tap_elsewhere {
    void operator()(unloop::sites::logits, const unloop::tap_place&, unloop::matrix_view values) { values[0][0] = 0; }
};

/// Has an event within the layer.
struct tap_inside {
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place&, unloop::matrix_view values) {
        values[0][0] = 0;
    }
};

using layer = unloop::transformer_block<
    unloop::pre_norm<unloop::rms_norm>,
    unloop::attention<unloop::grouped_heads, unloop::causal, unloop::rotary, unloop::own_keys_and_values>,
    unloop::gated_mlp<unloop::kernels::silu_t>>;

void forward(const layer& block, unloop::block_run<unloop::reference, const unloop::serial, TAP>& run,
             unloop::matrix_view stream) {
    block.forward(run, stream);
}
