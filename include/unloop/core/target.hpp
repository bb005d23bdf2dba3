// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Places of a model that can be scored and edited: the one list of their kinds, and how each kind is spelt.
#ifndef UNLOOP_CORE_TARGET_HPP
#define UNLOOP_CORE_TARGET_HPP

#include <unloop/core/ids.hpp>

#include <array>        // fields
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <string>       // texts
#include <string_view>  // names
#include <type_traits>  // is_constructible
#include <variant>      // the list

namespace unloop::inline v0 {

/// A target of any kind; ordered by kind, in the order of this list, then by id. A further kind is an alternative here,
/// a `target_kind`, and an overload of each of `target_extents` (model), `scale_target` (blocks) and `weights_of`
/// (edit).
using target_id = std::variant<neuron_id, expert_id, expert_neuron_id, head_id>;

/// One number of an id.
template <class Id>
struct target_field {
    std::string_view name;    ///< key in files
    std::string_view plural;  ///< as in "layer 3 has 1536 neurons"
    std::int32_t Id::*number;
};

/// What is told of a kind: `name` for people, `key` for files, `form` and `example` of its text, and the `fields` of
/// the id, the layer first.
template <class Id>
struct target_kind;

template <>
struct target_kind<neuron_id> {
    using id = neuron_id;
    static constexpr std::string_view name = "neuron", key = "neuron", form = "LAYER.NEURON", example = "10.1234";
    static constexpr std::array<target_field<id>, 2> fields{
        {{"layer", "layers", &id::layer}, {"neuron", "neurons", &id::neuron}}};
};

template <>
struct target_kind<expert_id> {
    using id = expert_id;
    static constexpr std::string_view name = "expert", key = "expert", form = "LAYER.EXPERT", example = "10.7";
    static constexpr std::array<target_field<id>, 2> fields{
        {{"layer", "layers", &id::layer}, {"expert", "experts", &id::expert}}};
};

template <>
struct target_kind<expert_neuron_id> {
    using id = expert_neuron_id;
    static constexpr std::string_view name = "expert neuron", key = "expert_neuron", form = "LAYER.EXPERT.NEURON",
                                      example = "10.7.123";
    static constexpr std::array<target_field<id>, 3> fields{{{"layer", "layers", &id::layer},
                                                             {"expert", "experts", &id::expert},
                                                             {"neuron", "neurons an expert", &id::neuron}}};
};

template <>
struct target_kind<head_id> {
    using id = head_id;
    static constexpr std::string_view name = "head", key = "head", form = "LAYER.HEAD", example = "10.3";
    static constexpr std::array<target_field<id>, 2> fields{
        {{"layer", "layers", &id::layer}, {"head", "heads", &id::head}}};
};

/// One of the kinds.
template <class Id>
concept target_type = requires { target_kind<Id>::fields; };

/// A list of targets, of one kind or mixed: `std::vector<neuron_id>`, `std::span<const target_id>`.
template <class Targets>
concept target_list = requires(const Targets& targets) {
    target_id(*targets.begin());
    targets.end();
} && !std::is_constructible_v<target_id, const Targets&>;

namespace detail {

template <class Visitor, class... Id>
constexpr void visit_kinds(Visitor&& visit, const std::variant<Id...>* /*list*/) {
    (visit(target_kind<Id>{}), ...);
}

template <class... Id>
auto any_kind_of(const std::variant<Id...>* list) -> std::variant<target_kind<Id>...>;

}  // namespace detail

/// A kind as a value: `any_target_kind kind = target_kind<expert_id>{};`.
using any_target_kind = decltype(detail::any_kind_of(static_cast<const target_id*>(nullptr)));

[[nodiscard]] constexpr std::string_view name_of(const any_target_kind& kind) {
    return std::visit([](auto of) { return of.name; }, kind);
}

/// Calls `visit(target_kind<Id>{})` for every kind, in the order of the list.
template <class Visitor>
constexpr void for_each_target_kind(Visitor&& visit) {
    detail::visit_kinds(visit, static_cast<const target_id*>(nullptr));
}

[[nodiscard]] constexpr std::int32_t layer_of(const target_id& target) {
    return std::visit([](const auto& id) { return id.layer; }, target);
}

[[nodiscard]] constexpr any_target_kind kind_of(const target_id& target) {
    return std::visit([]<class Id>(const Id& /*id*/) { return any_target_kind(target_kind<Id>{}); }, target);
}

/// "3.17": the numbers alone.
[[nodiscard]] inline std::string dotted(const target_id& target) {
    return std::visit(
        []<class Id>(const Id& id) {
            std::string text;
            for (const auto& field : target_kind<Id>::fields)
                text += (text.empty() ? "" : ".") + std::to_string(id.*field.number);
            return text;
        },
        target);
}

/// "neuron 3.17".
[[nodiscard]] inline std::string to_string(const target_id& target) {
    return std::string(name_of(kind_of(target))) + " " + dotted(target);
}

}  // namespace unloop::inline v0

#endif
