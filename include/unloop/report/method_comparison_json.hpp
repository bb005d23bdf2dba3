// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Comparisons of attribution methods as JSON.
#ifndef UNLOOP_REPORT_METHOD_COMPARISON_JSON_HPP
#define UNLOOP_REPORT_METHOD_COMPARISON_JSON_HPP

#include <unloop/attribute/method_comparison.hpp>
#include <unloop/edit/edit_json.hpp>

#include <boost/json.hpp>  // values
#include <cstddef>         // size_t
#include <optional>        // correlations that are not defined
#include <span>            // planted targets

namespace unloop::inline v0 {

namespace detail {

[[nodiscard]] inline boost::json::value number_or_null(const std::optional<double>& value) {
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

[[nodiscard]] inline boost::json::array numbers_or_null(std::span<const std::optional<double>> values) {
    boost::json::array list;
    for (const std::optional<double>& value : values) list.push_back(number_or_null(value));
    return list;
}

[[nodiscard]] inline boost::json::object to_json(const kind_agreement& agreement) {
    return {{"kind", std::visit([](auto kind) { return kind.key; }, agreement.kind)},
            {"spearman", number_or_null(agreement.signed_ranks)},
            {"spearman_of_sizes", number_or_null(agreement.sizes)},
            {"spearman_by_layer", numbers_or_null(agreement.signed_ranks_by_layer)},
            {"spearman_of_sizes_by_layer", numbers_or_null(agreement.sizes_by_layer)},
            {"top_overlap", agreement.overlap},
            {"top_overlap_by_layer", numbers_or_null(agreement.overlap_by_layer)},
            {"leave_one_prompt_out", number_or_null(agreement.without_a_prompt)},
            {"same_sign", number_or_null(agreement.same_sign)}};
}

}  // namespace detail

/// {"name", "role", "seconds", "bytes", "kinds"}, and of planted targets "ranks" and "precision" at 1, 3 and 10.
[[nodiscard]] inline boost::json::object to_json(const method_comparison& method) {
    boost::json::array kinds;
    for (const kind_agreement& kind : method.kinds) kinds.push_back(detail::to_json(kind));
    boost::json::object object{{"name", method.name},
                               {"role", name_of(method.role)},
                               {"seconds", method.seconds},
                               {"bytes", method.bytes},
                               {"kinds", std::move(kinds)}};
    if (method.ranks_of_planted.empty()) return object;
    object["ranks"] = boost::json::value_from(method.ranks_of_planted);
    object["precision"] = {
        {"1", method.precision_at(1)}, {"3", method.precision_at(3)}, {"10", method.precision_at(10)}};
    return object;
}

/// "exact" holds every target that was tried, with what the objective loses without it; "methods" what each method
/// makes of them.
[[nodiscard]] inline boost::json::object to_json(const method_comparisons& found) {
    boost::json::array exact, methods;
    for (std::size_t i = 0; i < found.tried.size(); ++i) {
        boost::json::object object = to_json(found.tried[i]);
        object["drawn"] = static_cast<bool>(found.drawn[i]);
        object["effect"] = found.exact[i];
        exact.push_back(std::move(object));
    }
    for (const method_comparison& method : found.methods) methods.push_back(to_json(method));
    return {{"exact_seconds", found.exact_seconds},
            {"exact_bytes", found.exact_bytes},
            {"methods", std::move(methods)},
            {"exact", std::move(exact)}};
}

}  // namespace unloop::inline v0

#endif
