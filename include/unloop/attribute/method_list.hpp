// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The attribution methods of the library, in one list.
#ifndef UNLOOP_ATTRIBUTE_METHOD_LIST_HPP
#define UNLOOP_ATTRIBUTE_METHOD_LIST_HPP

#include <unloop/attribute/activation_ratio.hpp>
#include <unloop/attribute/attribution_patching.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/direct_logit.hpp>
#include <unloop/attribute/expert_scores.hpp>
#include <unloop/attribute/gradient_x_activation.hpp>
#include <unloop/attribute/integrated_gradients.hpp>
#include <unloop/attribute/layer_conductance.hpp>
#include <unloop/attribute/onset_difference.hpp>
#include <unloop/attribute/positions.hpp>

#include <array>        // names
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <string>       // names
#include <string_view>  // names
#include <vector>       // names

namespace unloop::inline v0 {

/// What a method is for.
enum class method_role : std::uint8_t {
    proposes,  ///< localisation takes candidates from it
    compared,  ///< stands beside them in comparisons
    costly,  ///< the same where it is asked for: minutes to hours for a run of a large model; `gradients(config)` tells
    baseline,  ///< knows nothing of loops: to be beaten
};

[[nodiscard]] constexpr std::string_view name_of(method_role role) noexcept {
    constexpr std::array<std::string_view, 4> names{"proposes", "compared", "costly", "baseline"};
    return names[static_cast<std::size_t>(role)];
}

/// A method and its role, both known when the program is compiled.
template <method_role Role, class Method>
struct listed_method {
    static constexpr method_role role = Role;
    Method method;
};

/// Calls `visit(listed_method)` for every method of the library. What is scored, compared and told goes by this list:
/// a further method is a line here. Methods that count the parts of positions count those of `positions`; those that go
/// along a path take `evaluations` gradients of it.
template <class Visitor, class Positions = all_positions>
void for_each_method(const Visitor& visit, const Positions& positions = {},
                     std::size_t evaluations = integrated_gradients::default_evaluations) {
    using enum method_role;
    visit(listed_method<proposes, direct_logit>{});
    visit(listed_method<proposes, onset_difference>{});
    visit(listed_method<compared, gradient_x_activation<Positions>>{{.positions = positions}});
    visit(listed_method<compared, attribution_patching<Positions>>{{.positions = positions}});
    visit(listed_method<costly, integrated_gradients>{integrated_gradients(evaluations)});
    visit(listed_method<costly, layer_conductance>{{evaluations}});
    visit(listed_method<compared, activation_ratio>{});
    visit(listed_method<compared, expert_output_norm<Positions>>{{.positions = positions}});
    visit(listed_method<compared, routing_rate_difference>{});
    visit(listed_method<baseline, weight_norm>{});
    visit(listed_method<baseline, strength_on_run>{});
}

/// Names of all of them, in that order.
[[nodiscard]] inline std::vector<std::string> method_names() {
    std::vector<std::string> names;
    for_each_method([&](const auto& listed) { names.emplace_back(listed.method.name); });
    return names;
}

}  // namespace unloop::inline v0

#endif
