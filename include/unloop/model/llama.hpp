// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Llama family (SmolLM2 among it) from parts.
#ifndef UNLOOP_MODEL_LLAMA_HPP
#define UNLOOP_MODEL_LLAMA_HPP

#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/language_head.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/blocks/transformer_block.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/model/decoder.hpp>

namespace unloop::inline v0 {

using llama_layer = transformer_block<                              //
    pre_norm<rms_norm>,                                             //
    attention<grouped_heads, causal, rotary, own_keys_and_values>,  //
    gated_mlp<kernels::silu_t>>;

template <class Backend>
using llama = decoder<Backend, token_embedding, llama_layer, rms_norm, language_head>;

}  // namespace unloop::inline v0

#endif
