// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Gemma 4 family from parts: dense, per-layer-input and mixture-of-experts models alike.
#ifndef UNLOOP_MODEL_GEMMA4_HPP
#define UNLOOP_MODEL_GEMMA4_HPP

#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/beside.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/language_head.hpp>
#include <unloop/blocks/layer_input_gate.hpp>
#include <unloop/blocks/layer_inputs.hpp>
#include <unloop/blocks/layer_scale.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/router.hpp>
#include <unloop/blocks/sandwich_norm.hpp>
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/kernels/gelu_tanh.hpp>
#include <unloop/model/decoder.hpp>

namespace unloop::inline v0 {

// [attention]
using gemma4_attention = attention<     //
    grouped_heads_with_norm<rms_norm>,  //
    causal,                             // sliding where the layer has a window
    rotary,                             // its table says how many pairs turn
    shared_across_layers<normed_keys_and_values<rms_norm>>>;
// [/attention]

// [experts]
using gemma4_experts = mixture<                           //
    softmax_top_k<routes_scaled_stream, experts_scaled>,  //
    kernels::gelu_tanh_t,                                 //
    experts_read_own_norm<rms_norm>>;
// [/experts]

// [layer]
using gemma4_layer = transformer_block<                                 //
    sandwich_norm<rms_norm>,                                            //
    gemma4_attention,                                                   //
    beside<gated_mlp<kernels::gelu_tanh_t>, gemma4_experts, rms_norm>,  // experts where the layer has them
    layer_input_gate<kernels::gelu_tanh_t, rms_norm>,                   // where the layer has an input of its own
    layer_scale>;
// [/layer]

template <class Backend>
using gemma4 =
    decoder<Backend, embedding_with_layer_inputs<token_embedding, rms_norm>, gemma4_layer, rms_norm, language_head>;

}  // namespace unloop::inline v0

#endif
