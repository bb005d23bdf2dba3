// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Where the activation of a target passes, and how it is multiplied there.
#ifndef UNLOOP_BLOCKS_TARGET_SITE_HPP
#define UNLOOP_BLOCKS_TARGET_SITE_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/target.hpp>

#include <cstddef>      // size_t
#include <limits>       // infinity
#include <type_traits>  // is_same, type_identity

namespace unloop::inline v0 {

/// The site at which targets of a kind are multiplied, as `type`.
template <target_type Id>
struct target_site;
template <>
struct target_site<neuron_id> : std::type_identity<sites::mlp_neurons> {};
template <>
struct target_site<expert_id> : std::type_identity<sites::expert_weights> {};
template <>
struct target_site<expert_neuron_id> : std::type_identity<sites::expert_neurons> {};
template <>
struct target_site<head_id> : std::type_identity<sites::attention_heads> {};

/// The site of some kind of target.
template <class Site>
concept target_site_type = [] {
    bool any = false;
    for_each_target_kind(
        [&]<class Id>(target_kind<Id> /*kind*/) { any = any || std::is_same_v<Site, typename target_site<Id>::type>; });
    return any;
}();

namespace detail {

/// A factor of 0 writes 0, also over infinity and NaN, as weights of 0 would.
inline void multiply(float& value, float factor) noexcept { value = factor == 0.0F ? 0.0F : value * factor; }

[[nodiscard]] inline bool is_chosen(const tap_place& place, std::size_t choice, std::int32_t expert) noexcept {
    expects(choice < place.experts.size(), "scale_target: the site tells which experts were chosen");
    return place.experts[choice] == expert;
}

}  // namespace detail

// scale_target(target, factor, place, t, values): multiplies the target's activation in token `t` of a call of its site
// in its own layer. The activation of an expert is the factor with which its output is summed: the choice of experts
// and the factors of the others stay as they are. O(1), O(experts used), or
// O(head size).

inline void scale_target(neuron_id target, float factor, const tap_place& /*place*/, std::size_t t,
                         matrix_view values) noexcept {
    const auto neuron = static_cast<std::size_t>(target.neuron);
    expects(neuron < values.columns(), "scale_target: the layer has fewer neurons");
    detail::multiply(values[t][neuron], factor);
}

inline void scale_target(expert_id target, float factor, const tap_place& place, std::size_t t,
                         matrix_view values) noexcept {
    const std::size_t used = values.columns();
    for (std::size_t k = 0; k < used; ++k)
        if (detail::is_chosen(place, t * used + k, target.expert)) detail::multiply(values[t][k], factor);
}

inline void scale_target(expert_neuron_id target, float factor, const tap_place& place, std::size_t t,
                         matrix_view values) noexcept {
    const std::size_t used = values.rows() / place.tokens.size();
    const auto neuron = static_cast<std::size_t>(target.neuron);
    expects(neuron < values.columns(), "scale_target: the experts have fewer neurons");
    for (std::size_t choice = t * used; choice < (t + 1) * used; ++choice)
        if (detail::is_chosen(place, choice, target.expert)) detail::multiply(values[choice][neuron], factor);
}

inline void scale_target(head_id target, float factor, const tap_place& place, std::size_t t,
                         matrix_view values) noexcept {
    const auto head = static_cast<std::size_t>(target.head);
    expects(place.head_size > 0 && head < values.columns() / place.head_size,
            "scale_target: the layer has fewer heads");
    const std::size_t first = head * place.head_size;
    for (float& value : values[t].subspan(first, place.head_size)) detail::multiply(value, factor);
}

/// A target of a known kind and its factor, as what a tap does at its site.
template <target_type Id>
struct scaled_target {
    using site = typename target_site<Id>::type;
    Id target;
    float factor = 1.0F;

    void operator()(const tap_place& place, std::size_t t, matrix_view values) const noexcept {
        scale_target(target, factor, place, t, values);
    }
};

/// A neuron that writes what another one of its layer writes: as if its column of `down` were that of `from`.
struct copied_neuron {
    using site = sites::mlp_neurons;
    neuron_id target;
    std::int32_t from = 0;

    void operator()(const tap_place& /*place*/, std::size_t t, matrix_view values) const noexcept {
        const auto to = static_cast<std::size_t>(target.neuron), other = static_cast<std::size_t>(from);
        expects(to < values.columns() && other < values.columns(), "copied_neuron: the layer has fewer neurons");
        values[t][other] += values[t][to];
        values[t][to] = 0.0F;
    }
};

/// An expert that is not chosen: its logit is minus infinity before the best are taken, and the weights are those of
/// the new choice. More than experts - experts used in a layer leave too few to choose from.
struct masked_expert {
    using site = sites::router_logits;
    expert_id target;

    void operator()(const tap_place& /*place*/, std::size_t t, matrix_view values) const noexcept {
        const auto expert = static_cast<std::size_t>(target.expert);
        expects(expert < values.columns(), "masked_expert: the layer has fewer experts");
        values[t][expert] = -std::numeric_limits<float>::infinity();
    }
};

}  // namespace unloop::inline v0

#endif
