// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Does a plan fit a model? Asked before anything is edited.
#ifndef UNLOOP_EDIT_CHECK_PLAN_HPP
#define UNLOOP_EDIT_CHECK_PLAN_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/model/targets.hpp>

#include <cmath>    // isfinite
#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <map>      // masked experts of a layer
#include <set>      // masked experts, replaced neurons
#include <span>     // layers
#include <string>   // messages

namespace unloop::inline v0 {

/// Throws `error` naming the target unless a model of these layers has it: "neuron 3.9999: layer 3 has 1536 neurons".
inline void check_target(const target_id& target, std::span<const layer_dimensions> layers) {
    const auto refuse = [&](const std::string& why) { throw error(to_string(target) + ": " + why); };
    const auto layer = static_cast<std::size_t>(layer_of(target));
    if (layer_of(target) < 0 || layer >= layers.size())
        refuse("the model has " + std::to_string(layers.size()) + " layers");
    std::visit(
        [&]<class Id>(const Id& id) {
            const auto extents = target_extents(target_kind<Id>{}, layers[layer]);
            for (std::size_t i = 0; i < extents.size(); ++i) {
                const target_field<Id>& field = target_kind<Id>::fields[i + 1];
                if (id.*field.number < 0 || static_cast<std::size_t>(id.*field.number) >= extents[i])
                    refuse("layer " + std::to_string(layer) + " has " + std::to_string(extents[i]) + " " +
                           std::string(field.plural));
            }
        },
        target);
}

namespace detail {

/// A neuron that is copied from must write as it is: else the order of copies would matter to weights alone.
inline void check_copy(const target_edit& edit, const std::set<target_id>& replaced,
                       std::span<const layer_dimensions> layers) {
    const auto* const id = std::get_if<neuron_id>(&edit.target);
    if (id == nullptr) throw error(to_string(edit.target) + ": only neurons of the dense MLP can be copied to");
    const neuron_id from{id->layer, edit.from};
    check_target(from, layers);
    if (replaced.contains(from))
        throw error(to_string(edit.target) + ": " + to_string(target_id(from)) + " is itself replaced by a copy");
}

}  // namespace detail

/// Throws `error` naming the first target that a model of these layers lacks, or whose factor is not finite; what is no
/// neuron and yet copied to, or copied from a neuron that is replaced as well; what is no expert and yet masked; and a
/// layer in which fewer experts than a token uses are left unmasked. O(n log n) for n edits.
inline void check_plan(const plan& edits, std::span<const layer_dimensions> layers) {
    std::set<target_id> replaced;
    for (const target_edit& edit : edits.edits)
        if (edit.kind == edit_kind::copy) replaced.insert(edit.target);
    std::map<std::int32_t, std::set<target_id>> masked;
    for (const target_edit& edit : edits.edits) {
        check_target(edit.target, layers);
        if (!std::isfinite(edit.factor)) throw error(to_string(edit.target) + ": the factor must be finite");
        if (edit.kind == edit_kind::copy) detail::check_copy(edit, replaced, layers);
        if (edit.kind != edit_kind::mask) continue;
        if (!std::holds_alternative<expert_id>(edit.target))
            throw error(to_string(edit.target) + ": only experts can be masked");
        masked[layer_of(edit.target)].insert(edit.target);
    }
    for (const auto& [layer, experts] : masked) {
        const layer_dimensions& has = layers[static_cast<std::size_t>(layer)];
        if (experts.size() + has.experts_used > has.experts)
            throw error("layer " + std::to_string(layer) + ": " + std::to_string(experts.size()) + " of " +
                        std::to_string(has.experts) + " experts are masked, and a token needs " +
                        std::to_string(has.experts_used));
    }
}
inline void check_plan(const plan& edits, const decoder_config& config) { check_plan(edits, dimensions_of(config)); }

}  // namespace unloop::inline v0

#endif
