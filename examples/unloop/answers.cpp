// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Answers of any engine, read from text, JSON lines or token ids, and the judgement of one.
#include "answers.hpp"

#include <boost/json/object.hpp>  // answers
#include <limits>                 // largest token
#include <unloop/detect/find_loop.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/io/strict_json.hpp>
#include <unloop/io/utf8.hpp>

namespace tool {

namespace {

using namespace unloop;

/// What detectors of exact loops can count.
void expect_countable(std::size_t units) {
    if (units >= std::numeric_limits<std::int32_t>::max())
        throw error("an answer of more than 2147483646 units is too long to be judged; cut it into parts");
}

std::optional<finding> exact_loop(const std::vector<token_id>& tokens, answer_end end) {
    expect_countable(tokens.size());
    auto found = find_loop(periodic_loop(), tokens);
    if (!found && end == answer_end::cut)
        found = find_loop_at_end(basic_periodic_loop<graded_evidence>(128, evidence_at_cut), tokens);
    return found;
}

/// Calls `use` with one part of the text after another, until it returns false.
template <class Use>
void read_in_parts(std::string_view text, const char* stage, progress_bar* bar, const Use& use) {
    constexpr std::size_t part = std::size_t{1} << 16;
    for (std::size_t at = 0; at < text.size(); at += part) {
        if (bar != nullptr) (*bar)({stage, static_cast<std::int64_t>(at), static_cast<std::int64_t>(text.size())});
        if (!use(text.substr(at, part))) return;
    }
}

/// Four characters stand for a token of the token detector's defaults.
std::optional<finding> exact_loop_of_characters(std::string_view text, progress_bar* bar) {
    expect_countable(text.size());
    basic_periodic_loop<graded_evidence> detector(512, {.copies = 3, .tokens = 384});
    std::optional<finding> found;
    const auto observe = [&](std::string_view characters) {
        for (std::size_t at = 0; at < characters.size() && !found;) {
            const utf8_step step = decode_utf8(characters, at);
            found = detector.observe(static_cast<token_id>(step.code_point));
            at += step.length;
        }
        return !found;
    };
    utf8_repair whole_characters;
    std::string ready;
    read_in_parts(text, "characters", bar, [&](std::string_view part) {
        ready.clear();
        whole_characters.push(part, ready);
        return observe(ready);
    });
    return found;
}

std::optional<finding> list_loop(std::string_view text, answer_end end, progress_bar* bar) {
    list_collapse detector;
    read_in_parts(text, "items", bar, [&](std::string_view part) {
        detector.observe(part);
        return true;
    });
    return detector.finish(end);
}

/// One member of an answer's object, by either of its names.
const boost::json::value* member(const boost::json::object& entry, const char* name, const char* other) {
    const boost::json::value* const found = entry.if_contains(name);
    return found != nullptr ? found : entry.if_contains(other);
}

std::vector<token_id> read_tokens(const boost::json::value& list, const file_place& place) {
    if (!list.is_array()) throw error(place, "tokens must be a list of integers");
    std::vector<token_id> tokens;
    for (const boost::json::value& element : list.get_array()) {
        const auto id = as_unsigned(element);
        if (!id || *id > static_cast<std::uint64_t>(std::numeric_limits<token_id>::max()))
            throw error(place, "tokens must be integers from 0 to 2147483647");
        tokens.push_back(static_cast<token_id>(*id));
    }
    return tokens;
}

std::optional<answer_end> read_end(const boost::json::object& entry, const file_place& place) {
    const boost::json::value* found = entry.if_contains("end");
    if (found == nullptr) found = member(entry, "stop_reason", "finish_reason");
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (!found->is_string()) throw error(place, "how the answer ended must be a string");
    const std::string_view how = found->get_string();
    for (const std::string_view natural : {"natural", "end_token", "stop", "eos"})
        if (how == natural) return answer_end::natural;
    return answer_end::cut;
}

answer read_answer(const boost::json::value& value, const file_place& place) {
    const boost::json::object* const entry = value.if_object();
    if (entry == nullptr) throw error(place, "an answer must be a JSON object");
    answer one;
    if (const boost::json::value* const text = member(*entry, "text", "content")) {
        if (!text->is_string()) throw error(place, "text must be a string");
        one.text.emplace(std::string_view(text->get_string()));
    }
    if (const boost::json::value* const tokens = member(*entry, "tokens", "ids"))
        one.tokens = read_tokens(*tokens, place);
    if (!one.text && !one.tokens) throw error(place, "an answer needs \"text\" or \"tokens\"");
    one.end = read_end(*entry, place);
    return one;
}

}  // namespace

std::string_view unit_of(loop_kind kind) noexcept { return kind == loop_kind::periodic ? "tokens" : "items"; }

std::optional<judgement> judge(const answer& one, answer_end end, progress_bar* bar) {
    end = one.end.value_or(end);
    if (one.tokens) {
        if (const auto found = exact_loop(*one.tokens, end)) return judgement{*found, "tokens"};
    } else if (one.text) {
        if (const auto found = exact_loop_of_characters(*one.text, bar)) return judgement{*found, "characters"};
    }
    if (!one.text) return std::nullopt;
    const auto found = list_loop(*one.text, end, bar);
    return found ? std::optional(judgement{*found, "items"}) : std::nullopt;
}

bool looks_like_json_lines(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{') return false;
    const std::string_view line = text.substr(start, text.find('\n', start) - start);
    try {
        return parse_json(line, {}).is_object();
    } catch (const error&) {
        return false;
    }
}

std::vector<answer> parse_json_lines(std::string_view text, const std::string& file) {
    std::vector<answer> answers;
    for (std::size_t start = 0, number = 1; start < text.size(); ++number) {
        const std::string_view line = text.substr(start, text.find('\n', start) - start);
        const file_place place{file, "line " + std::to_string(number), std::nullopt};
        start += line.size() + 1;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const boost::json::value value = parse_json(line, place);
        const boost::json::value* const records =
            value.is_object() ? value.get_object().if_contains("records") : nullptr;
        if (records == nullptr) {
            answers.push_back(read_answer(value, place));
            continue;
        }
        if (!records->is_array()) throw error(place, "\"records\" must be a list");
        for (const boost::json::value& row : records->get_array()) answers.push_back(read_answer(row, place));
    }
    return answers;
}

}  // namespace tool
