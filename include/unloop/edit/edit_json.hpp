// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One target, one edit and one parameter's name as JSON.
#ifndef UNLOOP_EDIT_EDIT_JSON_HPP
#define UNLOOP_EDIT_EDIT_JSON_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/edit/readable_json.hpp>
#include <unloop/io/checked_json.hpp>

#include <cmath>        // isfinite
#include <cstdint>      // int32_t
#include <optional>     // a kind that is not known
#include <string>       // texts
#include <string_view>  // keys

namespace unloop::inline v0 {

namespace detail {

/// What weights of a kind are edited.
[[nodiscard]] constexpr std::string_view role_of(neuron_id /*id*/) noexcept { return name_of(parameter_role::up); }
[[nodiscard]] constexpr std::string_view role_of(expert_id /*id*/) noexcept { return {}; }
[[nodiscard]] constexpr std::string_view role_of(expert_neuron_id /*id*/) noexcept {
    return name_of(parameter_role::expert_up);
}
[[nodiscard]] constexpr std::string_view role_of(head_id /*id*/) noexcept {
    return name_of(parameter_role::attention_output);
}

[[nodiscard]] inline target_id read_target(checked_object& from) {
    const std::string key = from.text("kind");
    std::optional<target_id> target;
    std::string known;
    for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
        known += (known.empty() ? "'" : ", '") + std::string(kind.key) + "'";
        if (key != kind.key) return;
        Id id;
        for (const auto& field : kind.fields) id.*field.number = from.count<std::int32_t>(field.name);
        target = id;
    });
    if (!target) from.refuse("kind", "is '" + key + "', only " + known + " are known");
    return *target;
}

/// Empty where the model decides what weights are edited.
[[nodiscard]] inline std::string_view role_text(const target_edit& edit) {
    if (edit.kind == edit_kind::copy) return name_of(parameter_role::down);
    return std::visit([](const auto& id) { return role_of(id); }, edit.target);
}

[[nodiscard]] inline const char* operator_name(const target_edit& edit) noexcept {
    if (edit.kind == edit_kind::mask) return "mask";
    if (edit.kind == edit_kind::copy) return "copy";
    return edit.factor == 0.0F ? "suppress" : edit.factor == -1.0F ? "invert" : "scale";
}

[[nodiscard]] inline target_edit read_edit(checked_object from) {
    target_edit edit{read_target(from)};
    const std::string name = from.text("operator");
    if (name == "copy") edit.kind = edit_kind::copy;
    if (const std::string_view role = role_text(edit); !role.empty()) from.expect_text("role", role);
    if (name == "copy") {
        edit.from = from.count<std::int32_t>("from");
        from.finish();
        return edit;
    }
    if (name == "mask") {
        edit.kind = edit_kind::mask;
        from.finish();
        return edit;
    }
    if (name != "suppress" && name != "invert" && name != "scale")
        from.refuse("operator", "is '" + name + "', only suppress, invert, scale, copy and mask are known");
    const float implied = name == "invert" ? -1.0F : 0.0F;
    const bool is_free = name == "scale" || from.find("factor") != nullptr;
    edit.factor = is_free ? static_cast<float>(from.number("factor")) : implied;
    if (!std::isfinite(edit.factor)) from.refuse("factor", "must be a finite float32");
    if (name != "scale" && edit.factor != implied) from.refuse("factor", "contradicts the operator " + name);
    from.finish();
    return edit;
}

inline void add_parameter(boost::json::object& to, const parameter_name& name) {
    to["layer"] = name.layer;
    to["role"] = name_of(name.role);
    if (name.expert >= 0) to["expert"] = name.expert;
}

[[nodiscard]] inline parameter_name parameter_from_json(checked_object& from) {
    const std::string role = from.text("role");
    parameter_name name{from.count<std::int32_t>("layer")};
    for (std::size_t i = 0; i < parameter_roles; ++i) {
        name.role = static_cast<parameter_role>(i);
        if (name_of(name.role) != role) continue;
        if (from.find("expert") != nullptr) name.expert = from.count<std::int32_t>("expert");
        return name;
    }
    from.refuse("role", "is '" + role + "', which no parameter has");
}

}  // namespace detail

/// {"kind", "layer", "neuron"}: the kind, then the numbers of the id.
[[nodiscard]] inline boost::json::object to_json(const target_id& target) {
    return std::visit(
        []<class Id>(const Id& id) {
            boost::json::object object{{"kind", target_kind<Id>::key}};
            for (const auto& field : target_kind<Id>::fields) object[field.name] = id.*field.number;
            return object;
        },
        target);
}

/// The target, where it lies in weights if that is the same in every model, "operator" and "factor".
[[nodiscard]] inline boost::json::object to_json(const target_edit& edit) {
    boost::json::object object = to_json(edit.target);
    if (const std::string_view role = detail::role_text(edit); !role.empty()) object["role"] = role;
    object["operator"] = detail::operator_name(edit);
    if (edit.kind == edit_kind::copy) object["from"] = edit.from;
    if (edit.kind == edit_kind::scale) object["factor"] = detail::shortest_number(edit.factor);
    return object;
}

/// Reads a target out of an object that may hold more. `where` names the document in errors. Throws `error`.
[[nodiscard]] inline target_id target_from_json(const boost::json::value& value, const std::string& where) {
    checked_object from(value, where, {});
    return detail::read_target(from);
}
/// Reads what `to_json` wrote of an edit. Throws `error` naming the key.
[[nodiscard]] inline target_edit edit_from_json(const boost::json::value& value, const std::string& where) {
    return detail::read_edit(checked_object(value, where, {}));
}

}  // namespace unloop::inline v0

#endif
