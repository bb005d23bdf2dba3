// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads a probe suite: JSON, or plain text with one chat prompt a line.
#ifndef UNLOOP_EVALUATE_PROBE_SUITE_JSON_HPP
#define UNLOOP_EVALUATE_PROBE_SUITE_JSON_HPP

#include <unloop/evaluate/closed_list_json.hpp>
#include <unloop/evaluate/data_role_json.hpp>
#include <unloop/evaluate/probe_suite.hpp>

#include <string>       // paths
#include <string_view>  // texts
#include <utility>      // move
#include <vector>       // forms

namespace unloop::inline v0 {
namespace detail {

/// `form` with the topic in the place of {}.
[[nodiscard]] inline std::string ask(const std::string& form, const std::string& topic) {
    std::string prompt = form;
    return prompt.replace(prompt.find("{}"), 2, topic);
}

[[nodiscard]] inline std::vector<std::string> read_gold(const json_field& entry) {
    const auto gold = entry.find("gold");
    return gold ? gold->texts() : std::vector<std::string>{};
}

/// The closed lists of the file that "gold" names, in the folder of `file`: those of topics that the suite asks for.
inline void read_lists(const json_field& root, const std::string& file, probe_suite& suite) {
    const auto gold = root.find("gold");
    if (!gold) return;
    const std::size_t slash = file.rfind('/');
    for (closed_list& list :
         read_closed_lists((slash == std::string::npos ? "" : file.substr(0, slash + 1)) + gold->text())) {
        bool is_asked = false;
        for (probe& asked : suite.probes) {
            if (asked.topic != list.topic) continue;
            is_asked = true;
            if (asked.gold.empty()) asked.gold = list.items;
        }
        if (is_asked) suite.lists.push_back(std::move(list));
    }
}

inline void read_topics(const json_field& root, probe_class kind, probe_suite& suite) {
    const auto topics = root.find("topics");
    if (!topics) return;
    const std::vector<json_field> forms = root.at("forms").list();
    for (const json_field& form : forms)
        if (form.text().find("{}") == std::string::npos) form.fail("has no {} for the topic");
    for (const json_field& entry : topics->list()) {
        if (entry.is_object()) entry.allow({"topic", "gold"});
        const std::string topic = entry.is_object() ? entry.at("topic").text() : entry.text();
        const std::vector<std::string> gold = entry.is_object() ? read_gold(entry) : std::vector<std::string>{};
        for (const json_field& form : forms)
            suite.probes.push_back({ask(form.text(), topic), topic, form.text(), gold, kind});
    }
}

inline void read_prompts(const json_field& root, probe_class kind, probe_suite& suite) {
    const auto prompts = root.find("prompts");
    if (!prompts) return;
    for (const json_field& entry : prompts->list()) {
        if (!entry.is_object()) {
            suite.probes.push_back({entry.text(), entry.text(), {}, {}, kind});
            continue;
        }
        entry.allow({"prompt", "topic", "gold"});
        const std::string prompt = entry.at("prompt").text();
        const auto topic = entry.find("topic");
        suite.probes.push_back({prompt, topic ? topic->text() : prompt, {}, read_gold(entry), kind});
    }
}

}  // namespace detail

/// A suite from the text of a JSON file (format: examples/probes/README.md): every topic in every form, then the
/// prompts. Closed lists are read from the file that the suite names, beside `file`. Throws `error` naming the file and
/// the place of what is wrong.
[[nodiscard]] inline probe_suite parse_probe_suite(std::string_view text, const std::string& file) {
    const boost::json::value document = parse_json(text, {file, {}, {}});
    const json_field root(document, file);
    root.allow({"name", "about", "role", "class", "gold", "forms", "topics", "prompts"});
    probe_suite suite{root.at("name").text(), detail::read_role(root.at("role")), {}};
    const auto kind = detail::read_name(root.at("class"), {probe_class::list, probe_class::question});
    detail::read_topics(root, kind, suite);
    detail::read_prompts(root, kind, suite);
    detail::read_lists(root, file, suite);
    if (suite.probes.empty()) root.fail("has neither topics nor prompts");
    return suite;
}

/// A suite from plain text: each line that is not blank is a chat prompt that asks for a list, and its own topic.
[[nodiscard]] inline probe_suite parse_prompt_lines(std::string_view text, const std::string& file) {
    probe_suite suite{file, data_role::report, {}};
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
        suite.probes.push_back({std::string(line), std::string(line), {}, {}, probe_class::list});
    }
    if (suite.probes.empty()) throw error({file, {}, {}}, "holds no prompt");
    return suite;
}

/// Reads PATH.txt as lines and any other file as JSON. Throws `error`, see above and `mapped_file`.
[[nodiscard]] inline probe_suite read_probe_suite(const std::string& path) {
    const mapped_file file(path);
    return std::string_view(path).ends_with(".txt") ? parse_prompt_lines(detail::text_of(file), path)
                                                    : parse_probe_suite(detail::text_of(file), path);
}

}  // namespace unloop::inline v0

#endif
