// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search's memory in a file: what was measured of each plan, so that an interrupted search resumes.
#ifndef UNLOOP_REPORT_SEARCH_JOURNAL_JSON_HPP
#define UNLOOP_REPORT_SEARCH_JOURNAL_JSON_HPP

#include <unloop/io/checked_json.hpp>
#include <unloop/report/exact_number_json.hpp>
#include <unloop/report/journal_json.hpp>
#include <unloop/report/measurement_json.hpp>
#include <unloop/report/value_journal_json.hpp>
#include <unloop/search/search_memory.hpp>

#include <cstddef>      // size_t
#include <map>          // trials by plan
#include <optional>     // what is not known
#include <string>       // keys
#include <string_view>  // keys
#include <utility>      // move
#include <vector>       // numbers

namespace unloop::inline v0 {

namespace detail {

[[nodiscard]] inline boost::json::object exact_json(const divergence& from) {
    std::vector<double> p95, p99;
    for (const divergence_tail& tail : from.tail_by_text) p95.push_back(tail.p95), p99.push_back(tail.p99);
    return {{"sums", exact_numbers({from.mean, from.worst, from.tail.p95, from.tail.p99, from.surprise_rise})},
            {"tokens", from.tokens},
            {"worst_text", json_text(from.worst_text)},
            {"by_text", exact_numbers(from.by_text)},
            {"p95", exact_numbers(p95)},
            {"p99", exact_numbers(p99)}};
}
[[nodiscard]] inline divergence read_divergence(checked_object from) {
    divergence read;
    const std::vector<double> sums = read_exact_numbers(from, "sums");
    if (sums.size() != 5) from.refuse("sums", "must hold five numbers");
    read.mean = sums[0], read.worst = sums[1], read.tail = {sums[2], sums[3]}, read.surprise_rise = sums[4];
    read.tokens = from.count<std::size_t>("tokens");
    read.worst_text = from.text("worst_text");
    read.by_text = read_exact_numbers(from, "by_text");
    const std::vector<double> p95 = read_exact_numbers(from, "p95"), p99 = read_exact_numbers(from, "p99");
    if (p95.size() != read.by_text.size() || p99.size() != p95.size()) from.refuse("p95", "must hold one a text");
    for (std::size_t i = 0; i < p95.size(); ++i) read.tail_by_text.push_back({p95[i], p99[i]});
    return read;
}

[[nodiscard]] inline std::vector<token_id> read_tokens(checked_object& from, std::string_view key) {
    std::vector<token_id> tokens;
    for (const boost::json::value& entry : from.list(key)) {
        const auto token = as_unsigned(entry);
        if (!token || *token > 0x7FFFFFFFU) from.refuse(key, "must hold token ids");
        tokens.push_back(static_cast<token_id>(*token));
    }
    return tokens;
}
[[nodiscard]] inline record read_record(checked_object from) {
    record row;
    row.id = from.count("id");
    row.prompt = read_tokens(from, "prompt");
    row.tokens = read_tokens(from, "tokens");
    row.text = from.text("text");
    if (from.find("thought") != nullptr) row.thought = from.text("thought");
    const std::string reason = from.text("stop_reason");
    for (const stop_reason one : {stop_reason::length, stop_reason::end_token, stop_reason::loop})
        if (name_of(one) == reason) row.reason = one;
    if (name_of(row.reason) != reason) from.refuse("stop_reason", "is not known");
    from.finish();
    return row;
}

}  // namespace detail

/// A `search_memory` and a `value_memory` in JSON lines: the first line says of which search ("search", the caller's
/// own document: model, suite, texts, options that matter), each further one holds a plan's edits, how many probes, its
/// answers, its divergence and what it copies, or a key and its values (of localisation, say), to the last bit.
class search_journal {
  public:
    /// Throws `error` as `json_journal` does, when the file is the journal of something else, and when a line is not
    /// understood.
    search_journal(std::string path, const boost::json::object& of) : journal_(std::move(path)) {
        journal_.begin_with({{"format", "unloop search journal"}, {"version", 4}, {"search", of}});
        for (std::size_t i = 1; i < journal_.lines().size(); ++i) read(i);
    }

    /// Plans that were measured before.
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

    [[nodiscard]] std::optional<tried_plan> find(const plan& edited, std::size_t probes) const {
        const auto found = known_.find(key_of(edits_to_json(edited), probes));
        return found == known_.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view key) const { return values_.find(key); }
    void keep(const plan& edited, std::size_t probes, const tried_plan& tried) {
        boost::json::array answers;
        for (const record& answer : tried.answers) answers.push_back(to_json(answer));
        journal_.append(boost::json::object{{"edits", edits_to_json(edited)},
                                            {"probes", probes},
                                            {"kl", detail::exact_json(tried.healthy)},
                                            {"copying", detail::exact_numbers({tried.copying})},
                                            {"answers", std::move(answers)}});
        known_[key_of(edits_to_json(edited), probes)] = tried;
    }
    void keep(std::string_view key, const std::vector<double>& values) {
        journal_.append(detail::value_line(key, values));
        values_.keep(key, values);
    }

  private:
    static std::string key_of(const boost::json::array& edits, std::size_t probes) {
        return std::to_string(probes) + " " + boost::json::serialize(edits);
    }
    void read(std::size_t line) {
        checked_object from(journal_.lines()[line], journal_.path() + " line " + std::to_string(line + 1), {});
        if (from.find("key") != nullptr) return detail::read_values(std::move(from), values_);
        tried_plan tried;
        for (std::size_t i = 0; i < from.list("answers").size(); ++i)
            tried.answers.push_back(detail::read_record(from.entry("answers", i)));
        tried.healthy = detail::read_divergence(from.object("kl"));
        const std::vector<double> copying = detail::read_exact_numbers(from, "copying");
        if (copying.size() != 1) from.refuse("copying", "must hold one number");
        tried.copying = copying.front();
        const auto probes = from.count<std::size_t>("probes");
        known_[key_of(from.list("edits"), probes)] = std::move(tried);
    }

    json_journal journal_;
    std::map<std::string, tried_plan> known_;
    memory_of_values values_;
};
static_assert(search_memory<search_journal> && value_memory<search_journal>);

}  // namespace unloop::inline v0

#endif
