// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Records and findings as JSON, and JSON on one line.
#ifndef UNLOOP_REPORT_RECORD_JSON_HPP
#define UNLOOP_REPORT_RECORD_JSON_HPP

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/report/printable.hpp>

#include <optional>     // a loop that may be absent
#include <string>       // lines
#include <string_view>  // text

namespace unloop::inline v0 {

/// Foreign text as a JSON string; broken UTF-8 is repaired, so that the document stays valid.
[[nodiscard]] inline boost::json::string json_text(std::string_view text) { return boost::json::string(as_utf8(text)); }

template <class Number>
[[nodiscard]] boost::json::array json_list(const std::vector<Number>& numbers) {
    return boost::json::array(numbers.begin(), numbers.end());
}

/// {"kind", "unit", "start", "period", "copies", "evidence"}; `unit` is what the numbers count.
[[nodiscard]] inline boost::json::object to_json(const finding& loop, std::string_view unit) {
    return {{"kind", name_of(loop.kind)}, {"unit", unit},          {"start", loop.start},
            {"period", loop.period},      {"copies", loop.copies}, {"evidence", loop.evidence}};
}

/// {"id", "prompt", "tokens", "text", "stop_reason"} and, where there are any, "thought" and "log_probabilities". What
/// the stop rule found is not in it: the caller knows the unit.
[[nodiscard]] inline boost::json::object to_json(const record& row) {
    boost::json::object out{{"id", row.id},
                            {"prompt", json_list(row.prompt)},
                            {"tokens", json_list(row.tokens)},
                            {"text", json_text(row.text)},
                            {"stop_reason", name_of(row.reason)}};
    if (!row.thought.empty()) out["thought"] = json_text(row.thought);
    if (!row.log_probabilities.empty()) out["log_probabilities"] = json_list(row.log_probabilities);
    return out;
}

/// One document as one line, line end included.
[[nodiscard]] inline std::string json_line(const boost::json::value& value) {
    return boost::json::serialize(value) + "\n";
}

}  // namespace unloop::inline v0

#endif
