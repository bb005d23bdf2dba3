// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A memory of numbers in a file: what a stopped comparison had computed, so that it goes on from there.
#ifndef UNLOOP_REPORT_VALUE_JOURNAL_JSON_HPP
#define UNLOOP_REPORT_VALUE_JOURNAL_JSON_HPP

#include <unloop/attribute/value_memory.hpp>
#include <unloop/report/exact_number_json.hpp>
#include <unloop/report/journal_json.hpp>

#include <cstddef>      // size_t
#include <optional>     // values that are not known
#include <string>       // keys
#include <string_view>  // keys
#include <utility>      // move
#include <vector>       // values

namespace unloop::inline v0 {

namespace detail {

/// What a journal keeps of a key.
[[nodiscard]] inline boost::json::object value_line(std::string_view key, const std::vector<double>& values) {
    return {{"key", key}, {"values", exact_numbers(values)}};
}
inline void read_values(checked_object from, memory_of_values& known) {
    const std::string key = from.text("key");
    known.keep(key, read_exact_numbers(from, "values"));
    from.finish();
}

}  // namespace detail

/// A `value_memory` in JSON lines: the first line says of what ("of", the caller's own document: model, prompts,
/// options that matter), each further one holds a key and its values, to the last bit.
class value_journal {
  public:
    /// Throws `error` as `json_journal` does, when the file is the journal of something else, and when a line is not
    /// understood.
    value_journal(std::string path, const boost::json::object& of) : journal_(std::move(path)) {
        journal_.begin_with({{"format", "unloop value journal"}, {"version", 1}, {"of", of}});
        for (std::size_t i = 1; i < journal_.lines().size(); ++i)
            detail::read_values({journal_.lines()[i], journal_.path() + " line " + std::to_string(i + 1), {}}, known_);
    }
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }
    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view key) const { return known_.find(key); }
    void keep(std::string_view key, const std::vector<double>& values) {
        journal_.append(detail::value_line(key, values));
        known_.keep(key, values);
    }

  private:
    json_journal journal_;
    memory_of_values known_;
};
static_assert(value_memory<value_journal>);

}  // namespace unloop::inline v0

#endif
