// expect: wiring: needs for_each_parameter, enter_attention, leave_attention, enter_feed_forward and
// expect: leave_feed_forward; see docs/concepts/block.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A wiring that leaves no branch.
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

struct one_way : wiring {
    void leave_attention() const {}
};

unloop::transformer_block<one_way, own_attention, mlp> layer;
