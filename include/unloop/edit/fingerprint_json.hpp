// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan's fingerprint as JSON: dimensions and touched rows.
#ifndef UNLOOP_EDIT_FINGERPRINT_JSON_HPP
#define UNLOOP_EDIT_FINGERPRINT_JSON_HPP

#include <unloop/edit/edit_json.hpp>
#include <unloop/edit/fingerprint.hpp>
#include <unloop/io/checked_json.hpp>

#include <algorithm>  // all_of
#include <cstddef>    // size_t
#include <string>     // messages
#include <utility>    // move

namespace unloop::inline v0::detail {

/// Leaves out what no layer has, but for the MLP; one number where all layers are equal, else a list.
[[nodiscard]] inline boost::json::object dimensions_to_json(const plan_fingerprint& from) {
    boost::json::object object{{"layers", from.layers.size()}, {"hidden", from.hidden}};
    for (const named_dimension& dimension : named_dimensions) {
        boost::json::array values;
        for (const layer_dimensions& layer : from.layers) values.emplace_back(layer.*dimension.value);
        const auto all_are = [&](const boost::json::value& wanted) {
            return std::all_of(values.begin(), values.end(), [&](const auto& value) { return value == wanted; });
        };
        if (dimension.value != &layer_dimensions::mlp_width && all_are(std::size_t{0})) continue;
        const bool are_equal = !values.empty() && all_are(values.front());
        object[dimension.key] = are_equal ? values.front() : boost::json::value(values);
    }
    object["vocabulary"] = from.vocabulary;
    return object;
}

inline void dimension_from_json(checked_object& from, const named_dimension& dimension, plan_fingerprint& to) {
    const std::size_t layers = to.layers.size();
    if (!from.at(dimension.key).is_array()) {
        const auto value = from.count<std::size_t>(dimension.key);
        for (layer_dimensions& layer : to.layers) layer.*dimension.value = value;
        return;
    }
    const boost::json::array& values = from.list(dimension.key);
    if (values.size() != layers) from.refuse(dimension.key, "must have one entry for each layer");
    for (std::size_t i = 0; i < layers; ++i) {
        const auto value = as_unsigned(values[i]);
        if (!value) from.refuse(dimension.key, "must be an integer, or a list of one for each layer");
        to.layers[i].*dimension.value = static_cast<std::size_t>(*value);
    }
}

inline void dimensions_from_json(checked_object from, plan_fingerprint& to) {
    constexpr std::size_t most_layers = 1U << 16;  // no model comes near; bounds what a wrong number allocates
    to.hidden = from.count<std::size_t>("hidden");
    to.vocabulary = from.count<std::size_t>("vocabulary");
    to.layers.resize(from.count<std::size_t>("layers", most_layers));
    for (const named_dimension& dimension : named_dimensions)
        if (dimension.value == &layer_dimensions::mlp_width || from.find(dimension.key) != nullptr)
            dimension_from_json(from, dimension, to);
    from.finish();
}

[[nodiscard]] inline boost::json::object rows_to_json(const plan_fingerprint& from) {
    boost::json::array rows;
    for (const rows_fingerprint& touched : from.rows) {
        boost::json::object& row = rows.emplace_back(boost::json::object()).get_object();
        add_parameter(row, touched.parameter);
        row["format"] = touched.format;
        row["sha256"] = touched.sha256;
    }
    return {{"of", "touched rows before the edit, ascending, one hash a parameter"}, {"rows", std::move(rows)}};
}

inline void rows_from_json(checked_object from, plan_fingerprint& to) {
    (void)from.find("of");  // for people
    for (std::size_t i = 0; i < from.list("rows").size(); ++i) {
        checked_object row = from.entry("rows", i);
        to.rows.push_back({parameter_from_json(row), row.text("format"), row.text("sha256")});
        row.finish();
    }
    from.finish();
}

}  // namespace unloop::inline v0::detail

#endif
