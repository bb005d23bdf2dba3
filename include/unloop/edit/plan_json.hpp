// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan as a JSON document that explains itself: what for, what, where it came from.
#ifndef UNLOOP_EDIT_PLAN_JSON_HPP
#define UNLOOP_EDIT_PLAN_JSON_HPP

#include <unloop/edit/edit_json.hpp>
#include <unloop/edit/fingerprint_json.hpp>
#include <unloop/io/checked_json.hpp>

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

[[nodiscard]] inline boost::json::object to_json(const plan_document& document) {
    boost::json::array edits;
    for (const target_edit& edit : document.plan.edits) edits.push_back(to_json(edit));
    boost::json::object made{{"format", "unloop plan"},
                             {"version", 3},
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
/// something is missing, unknown or of another kind, when the version is not 3, 2 (which knew no heads) or 1 (neurons
/// alone), when ids count from another base than 0, and when a target lies outside the dimensions. Whether it fits a
/// model: `check_dimensions`, `check_rows`.
[[nodiscard]] inline plan_document parse_plan(std::string_view text, const std::string& where) {
    const boost::json::value value = parse_json(text, {where, {}, {}});
    checked_object from(value, where, {});
    from.expect_text("format", "unloop plan");
    if (const auto version = from.count("version"); version < 1 || version > 3)
        from.refuse("version", "is " + std::to_string(version) + ", only 1 to 3 are known");
    from.expect_count("index_base", 0);
    plan_document document;
    if (from.find("note") != nullptr) document.plan.note = from.text("note");
    document.fingerprint.family = from.text("family");
    detail::dimensions_from_json(from.object("dimensions"), document.fingerprint);
    for (std::size_t i = 0; i < from.list("edits").size(); ++i)
        document.plan.edits.push_back(detail::read_edit(from.entry("edits", i)));
    if (from.find("fingerprint") != nullptr) detail::rows_from_json(from.object("fingerprint"), document.fingerprint);
    if (const auto* const provenance = from.find("provenance")) {
        if (!provenance->is_object()) from.refuse("provenance", "must be an object");
        document.provenance = provenance->get_object();
    }
    from.finish();
    try {
        check_plan(document.plan, document.fingerprint.layers);
    } catch (const error& fault) {
        throw error({where, "edits", {}}, fault.what());
    }
    return document;
}

/// The document in a file.
[[nodiscard]] inline plan_document read_plan(const std::string& path) { return parse_plan(read_text(path), path); }

}  // namespace unloop::inline v0

#endif
