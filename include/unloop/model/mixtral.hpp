// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Mixtral family from parts: Llama with routed experts in place of the MLP.
#ifndef UNLOOP_MODEL_MIXTRAL_HPP
#define UNLOOP_MODEL_MIXTRAL_HPP

#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/router.hpp>
#include <unloop/model/llama.hpp>

namespace unloop::inline v0 {

using mixtral_experts = mixture<                              //
    softmax_top_k<routes_normed_stream, experts_as_weighed>,  //
    kernels::silu_t,                                          //
    experts_read_normed>;

using mixtral_layer = transformer_block<                            //
    pre_norm<rms_norm>,                                             //
    attention<grouped_heads, causal, rotary, own_keys_and_values>,  //
    mixtral_experts>;

template <class Backend>
using mixtral = decoder<Backend, token_embedding, mixtral_layer, rms_norm, language_head>;

}  // namespace unloop::inline v0

#endif
