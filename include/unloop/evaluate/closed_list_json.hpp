// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads closed lists, one a topic, from JSON.
#ifndef UNLOOP_EVALUATE_CLOSED_LIST_JSON_HPP
#define UNLOOP_EVALUATE_CLOSED_LIST_JSON_HPP

#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/io/field_json.hpp>

#include <string>       // paths
#include <string_view>  // texts
#include <vector>       // lists

namespace unloop::inline v0 {

/// Lists from a JSON file's text (format: examples/probes/README.md). Throws `error` naming `file` and the place of
/// what is wrong.
[[nodiscard]] inline std::vector<closed_list> parse_closed_lists(std::string_view text, const std::string& file) {
    const boost::json::value document = parse_json(text, {file, {}, {}});
    const json_field root(document, file);
    root.allow({"about", "lists"});
    std::vector<closed_list> lists;
    for (const json_field& entry : root.at("lists").list()) {
        entry.allow({"topic", "one", "source", "items", "distractors"});
        closed_list list{entry.at("topic").text(), entry.at("one").text(), entry.at("source").text(),
                         entry.at("items").texts(), entry.at("distractors").texts()};
        if (list.items.empty()) entry.at("items").fail("is empty");
        for (const closed_list& earlier : lists)
            if (earlier.topic == list.topic) entry.at("topic").fail("has a list already");
        lists.push_back(std::move(list));
    }
    return lists;
}

/// The same from a file. Throws `error`, see above and `mapped_file`.
[[nodiscard]] inline std::vector<closed_list> read_closed_lists(const std::string& path) {
    const mapped_file file(path);
    return parse_closed_lists(detail::text_of(file), path);
}

}  // namespace unloop::inline v0

#endif
