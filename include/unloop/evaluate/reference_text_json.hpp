// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads reference texts from JSON.
#ifndef UNLOOP_EVALUATE_REFERENCE_TEXT_JSON_HPP
#define UNLOOP_EVALUATE_REFERENCE_TEXT_JSON_HPP

#include <unloop/evaluate/data_role_json.hpp>
#include <unloop/evaluate/reference_text.hpp>

#include <string>       // paths
#include <string_view>  // texts

namespace unloop::inline v0 {

/// Texts from a JSON file's text (format: examples/probes/README.md). Throws `error` naming `file` and the place of
/// what is wrong.
[[nodiscard]] inline text_suite parse_text_suite(std::string_view text, const std::string& file) {
    const boost::json::value document = parse_json(text, {file, {}, {}});
    const json_field root(document, file);
    root.allow({"name", "about", "texts"});
    text_suite suite{root.at("name").text(), {}};
    for (const json_field& entry : root.at("texts").list()) {
        entry.allow({"name", "kind", "role", "prompt", "text"});
        const auto prompt = entry.find("prompt");
        suite.texts.push_back({entry.at("name").text(), entry.at("kind").text(), detail::read_role(entry.at("role")),
                               prompt ? prompt->text() : std::string(), entry.at("text").text()});
    }
    if (suite.texts.empty()) root.at("texts").fail("is empty");
    return suite;
}

/// The same from a file. Throws `error`, see above and `mapped_file`.
[[nodiscard]] inline text_suite read_text_suite(const std::string& path) {
    const mapped_file file(path);
    return parse_text_suite(detail::text_of(file), path);
}

}  // namespace unloop::inline v0

#endif
