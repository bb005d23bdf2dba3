// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `blocks`: parts of a transformer, each a policy over a backend.
#ifndef UNLOOP_BLOCKS_HPP
#define UNLOOP_BLOCKS_HPP

#include <unloop/blocks/any_gradient_tap.hpp>
#include <unloop/blocks/any_tap.hpp>
#include <unloop/blocks/attention.hpp>
#include <unloop/blocks/attention_backward.hpp>
#include <unloop/blocks/backward_part.hpp>
#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/batch.hpp>
#include <unloop/blocks/beside.hpp>
#include <unloop/blocks/block_part.hpp>
#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/gated_mlp.hpp>
#include <unloop/blocks/gradient_tap.hpp>
#include <unloop/blocks/key_value_cache.hpp>
#include <unloop/blocks/keys_and_values.hpp>
#include <unloop/blocks/language_head.hpp>
#include <unloop/blocks/layer_input_gate.hpp>
#include <unloop/blocks/layer_inputs.hpp>
#include <unloop/blocks/layer_record.hpp>
#include <unloop/blocks/layer_scale.hpp>
#include <unloop/blocks/layer_traits.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/blocks/pre_norm.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/rotary_table.hpp>
#include <unloop/blocks/router.hpp>
#include <unloop/blocks/sandwich_norm.hpp>
#include <unloop/blocks/scratch.hpp>
#include <unloop/blocks/site_events.hpp>
#include <unloop/blocks/sites.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/blocks/target_site.hpp>
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/blocks/transformer_block.hpp>

#endif
