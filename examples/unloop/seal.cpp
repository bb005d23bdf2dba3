// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What the seal of a planted fault says, once it is opened.
#include "seal.hpp"

#include <boost/json.hpp>
#include <unloop/edit/edit_json.hpp>
#include <unloop/search/planting.hpp>

#include "line.hpp"

namespace tool {

using namespace unloop;

plan plan_of(const boost::json::value& edits, const std::string& where) {
    plan made;
    if (edits.is_null()) return made;
    for (const boost::json::value& one : edits.as_array()) made.edits.push_back(edit_from_json(one, where));
    return made;
}

std::vector<target_id> planted_targets(const boost::json::value& seal, const std::string& where) {
    std::vector<target_id> targets;
    for (const boost::json::value& one : seal.at("targets").as_array()) targets.push_back(target_from_json(one, where));
    return targets;
}

std::string opened_text(const boost::json::value& seal, std::span<const target_id> planted) {
    if (seal.at("fault").as_string() == name_of(fault_kind::replaced)) return brief(plan_of(seal.at("edits"), "seal"));
    std::string text;
    for (const target_id& target : planted) text += (text.empty() ? "" : ", ") + to_string(target);
    const std::string power = std::to_string(1 << seal.at("exponent").as_int64());
    text += (seal.at("inverted").as_bool() ? " x -" : " x ") + power;
    const std::size_t decoys = seal.at("decoys").as_array().size();
    return decoys == 0 ? text : text + ", among " + std::to_string(decoys) + " decoys";
}

}  // namespace tool
