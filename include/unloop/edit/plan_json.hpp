// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan as a JSON document that explains itself: what for, what, where it came from.
#ifndef UNLOOP_EDIT_PLAN_JSON_HPP
#define UNLOOP_EDIT_PLAN_JSON_HPP

#include <unloop/edit/fingerprint.hpp>
#include <unloop/edit/readable_json.hpp>
#include <unloop/io/checked_json.hpp>

#include <algorithm>    // all_of
#include <cmath>        // isfinite
#include <cstdint>      // int32_t
#include <string>       // texts
#include <string_view>  // documents
#include <utility>      // move

namespace unloop::inline v0 {

/// A plan, the model that it is for, and where it came from (probe suite, seeds, scores: whatever its maker wrote).
struct plan_document {
    unloop::plan plan;
    plan_fingerprint fingerprint;
    boost::json::object provenance;
};

namespace detail {

[[nodiscard]] inline boost::json::object edit_to_json(const neuron_edit& edit) {
    const char* const name = edit.factor == 0.0F ? "suppress" : edit.factor == -1.0F ? "invert" : "scale";
    return {{"kind", "neuron"}, {"layer", edit.target.layer},
            {"role", "up"},     {"neuron", edit.target.neuron},
            {"operator", name}, {"factor", shortest_number(edit.factor)}};
}

[[nodiscard]] inline neuron_edit edit_from_json(checked_object from) {
    from.expect_text("kind", "neuron");
    from.expect_text("role", "up");
    neuron_edit edit{{from.count<std::int32_t>("layer"), from.count<std::int32_t>("neuron")}, 0.0F};
    const std::string name = from.text("operator");
    if (name != "suppress" && name != "invert" && name != "scale")
        from.refuse("operator", "is '" + name + "', only suppress, invert and scale are known");
    const float implied = name == "invert" ? -1.0F : 0.0F;
    const bool is_free = name == "scale" || from.find("factor") != nullptr;
    edit.factor = is_free ? static_cast<float>(from.number("factor")) : implied;
    if (!std::isfinite(edit.factor)) from.refuse("factor", "must be a finite float32");
    if (name != "scale" && edit.factor != implied) from.refuse("factor", "contradicts the operator " + name);
    from.finish();
    return edit;
}

[[nodiscard]] inline boost::json::object dimensions_to_json(const plan_fingerprint& from) {
    boost::json::array widths(from.mlp_widths.begin(), from.mlp_widths.end());
    const bool are_equal = !widths.empty() && std::all_of(widths.begin(), widths.end(),
                                                          [&](const auto& width) { return width == widths.front(); });
    const boost::json::value width = are_equal ? widths.front() : boost::json::value(widths);
    return {{"layers", widths.size()}, {"hidden", from.hidden}, {"mlp_width", width}, {"vocabulary", from.vocabulary}};
}

inline void dimensions_from_json(checked_object from, plan_fingerprint& to) {
    constexpr std::size_t most_layers = 1U << 16;  // no model comes near; bounds what a wrong number allocates
    to.hidden = from.count<std::size_t>("hidden");
    to.vocabulary = from.count<std::size_t>("vocabulary");
    const auto layers = from.count<std::size_t>("layers", most_layers);
    if (from.at("mlp_width").is_array()) {
        for (const auto& width : from.list("mlp_width")) {
            const auto value = as_unsigned(width);
            if (!value) from.refuse("mlp_width", "must be an integer, or a list of one for each layer");
            to.mlp_widths.push_back(static_cast<std::size_t>(*value));
        }
        if (to.mlp_widths.size() != layers) from.refuse("mlp_width", "must have one entry for each layer");
    } else {
        to.mlp_widths.assign(layers, from.count<std::size_t>("mlp_width"));
    }
    from.finish();
}

[[nodiscard]] inline boost::json::object rows_to_json(const plan_fingerprint& from) {
    boost::json::array rows;
    for (const rows_fingerprint& touched : from.rows)
        rows.push_back(
            {{"layer", touched.layer}, {"role", "up"}, {"format", touched.format}, {"sha256", touched.sha256}});
    return {{"of", "touched rows before the edit, ascending, one hash a tensor"}, {"rows", std::move(rows)}};
}

inline void rows_from_json(checked_object from, plan_fingerprint& to) {
    (void)from.find("of");  // for people
    for (std::size_t i = 0; i < from.list("rows").size(); ++i) {
        checked_object row = from.entry("rows", i);
        row.expect_text("role", "up");
        to.rows.push_back({row.count<std::int32_t>("layer"), row.text("format"), row.text("sha256")});
        row.finish();
    }
    from.finish();
}

}  // namespace detail

[[nodiscard]] inline boost::json::object to_json(const plan_document& document) {
    boost::json::array edits;
    for (const neuron_edit& edit : document.plan.edits) edits.push_back(detail::edit_to_json(edit));
    boost::json::object made{{"format", "unloop plan"},
                             {"version", 1},
                             {"index_base", 0},
                             {"note", document.plan.note},
                             {"family", document.fingerprint.family},
                             {"dimensions", detail::dimensions_to_json(document.fingerprint)},
                             {"edits", std::move(edits)}};
    if (!document.fingerprint.rows.empty()) made["fingerprint"] = detail::rows_to_json(document.fingerprint);
    if (!document.provenance.empty()) made["provenance"] = document.provenance;
    return made;
}
/// `fingerprint`: see `fingerprint_of`.
[[nodiscard]] inline boost::json::object to_json(const plan& edits, const plan_fingerprint& fingerprint,
                                                 boost::json::object provenance = {}) {
    return to_json(plan_document{edits, fingerprint, std::move(provenance)});
}

/// Reads what `to_json` wrote, or a person. `where` names the document in errors. Throws `error` naming the key when
/// something is missing, unknown or of another kind, when the version is not 1, when ids count from another base than
/// 0, and when a target lies outside the dimensions. Whether it fits a model: `check_dimensions`, `check_rows`.
[[nodiscard]] inline plan_document parse_plan(std::string_view text, const std::string& where) {
    const boost::json::value value = parse_json(text, {where, {}, {}});
    checked_object from(value, where, {});
    from.expect_text("format", "unloop plan");
    from.expect_count("version", 1);
    from.expect_count("index_base", 0);
    plan_document document;
    if (from.find("note") != nullptr) document.plan.note = from.text("note");
    document.fingerprint.family = from.text("family");
    detail::dimensions_from_json(from.object("dimensions"), document.fingerprint);
    for (std::size_t i = 0; i < from.list("edits").size(); ++i)
        document.plan.edits.push_back(detail::edit_from_json(from.entry("edits", i)));
    if (from.find("fingerprint") != nullptr) detail::rows_from_json(from.object("fingerprint"), document.fingerprint);
    if (const auto* const provenance = from.find("provenance")) {
        if (!provenance->is_object()) from.refuse("provenance", "must be an object");
        document.provenance = provenance->get_object();
    }
    from.finish();
    try {
        check_plan(document.plan, document.fingerprint.mlp_widths);
    } catch (const error& fault) {
        throw error({where, "edits", {}}, fault.what());
    }
    return document;
}

/// The document in a file.
[[nodiscard]] inline plan_document read_plan(const std::string& path) { return parse_plan(read_text(path), path); }

}  // namespace unloop::inline v0

#endif
