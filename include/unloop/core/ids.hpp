// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Names for tokens and for the places of a model that can be scored and edited; all count from 0.
#ifndef UNLOOP_CORE_IDS_HPP
#define UNLOOP_CORE_IDS_HPP

#include <compare>  // ids are ordered
#include <cstdint>  // int32_t

namespace unloop::inline v0 {

/// Index into a vocabulary; negative values are never valid tokens.
using token_id = std::int32_t;

/// One intermediate unit of the dense MLP of a layer.
struct neuron_id {
    std::int32_t layer = 0;
    std::int32_t neuron = 0;
    friend constexpr auto operator<=>(const neuron_id&, const neuron_id&) = default;
};

/// One routed expert of a mixture-of-experts layer ("expert slot").
struct expert_id {
    std::int32_t layer = 0;
    std::int32_t expert = 0;
    friend constexpr auto operator<=>(const expert_id&, const expert_id&) = default;
};

/// One intermediate unit of one routed expert.
struct expert_neuron_id {
    std::int32_t layer = 0;
    std::int32_t expert = 0;
    std::int32_t neuron = 0;
    friend constexpr auto operator<=>(const expert_neuron_id&, const expert_neuron_id&) = default;
};

/// One query head of a layer's attention.
struct head_id {
    std::int32_t layer = 0;
    std::int32_t head = 0;
    friend constexpr auto operator<=>(const head_id&, const head_id&) = default;
};

}  // namespace unloop::inline v0

#endif
