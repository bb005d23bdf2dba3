// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A memory of numbers that were computed, by key: what lets work that was stopped continue.
#ifndef UNLOOP_ATTRIBUTE_VALUE_MEMORY_HPP
#define UNLOOP_ATTRIBUTE_VALUE_MEMORY_HPP

#include <unloop/core/error.hpp>

#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <map>          // values
#include <optional>     // values that are not known
#include <string>       // keys
#include <string_view>  // keys
#include <utility>      // as_const, move
#include <vector>       // values

namespace unloop::inline v0 {

/// `std::optional<std::vector<double>> find(std::string_view key) const` and `void keep(std::string_view key, const
/// std::vector<double>& values)`: numbers come back to the last bit. Laws and examples: docs/concepts/value_memory.md.
template <class Memory>
concept value_memory =
    requires(Memory& memory, const Memory& known, std::string_view key, const std::vector<double>& values) {
        { known.find(key) } -> std::same_as<std::optional<std::vector<double>>>;
        memory.keep(key, values);
    };

/// Stops compilation with one sentence when `Memory` is no `value_memory`.
template <class Memory>
constexpr void require_value_memory() noexcept {
    static_assert(value_memory<Memory>,
                  "value_memory: needs find(std::string_view) const, which gives std::optional<std::vector<double>>, "
                  "and keep(std::string_view, const std::vector<double>&); see docs/concepts/value_memory.md");
}

/// Forgets at once.
struct no_value_memory {
    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view /*key*/) const { return std::nullopt; }
    void keep(std::string_view /*key*/, const std::vector<double>& /*values*/) const {}
};
static_assert(value_memory<no_value_memory>);

/// Lasts as long as the program.
class memory_of_values {
  public:
    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view key) const {
        const auto found = values_.find(key);
        return found == values_.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(std::string_view key, const std::vector<double>& values) { values_.emplace(key, values); }
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

  private:
    std::map<std::string, std::vector<double>, std::less<>> values_;
};
static_assert(value_memory<memory_of_values>);

/// A part of a memory: what it keeps there has `prefix` before its keys. The memory must outlive it.
template <class Memory>
class prefixed_memory {
  public:
    prefixed_memory(Memory& memory, std::string prefix) : memory_(&memory), prefix_(std::move(prefix)) {}

    [[nodiscard]] std::optional<std::vector<double>> find(std::string_view key) const {
        return std::as_const(*memory_).find(prefix_ + std::string(key));
    }
    void keep(std::string_view key, const std::vector<double>& values) {
        memory_->keep(prefix_ + std::string(key), values);
    }

  private:
    Memory* memory_;
    std::string prefix_;
};
static_assert(value_memory<prefixed_memory<memory_of_values>>);

/// The `count` values that the memory knows under `key`, if it knows any. Throws `error` where these are more or fewer.
template <class Memory>
[[nodiscard]] std::optional<std::vector<double>> known_values(const Memory& memory, std::string_view key,
                                                              std::size_t count) {
    auto known = memory.find(key);
    if (known && known->size() != count)
        throw error("what is remembered of '" + std::string(key) + "' has " + std::to_string(known->size()) +
                    " numbers where " + std::to_string(count) + " are needed");
    return known;
}

/// `known_values`, or else those that `compute()` gives, which are kept there.
template <class Memory, class Compute>
[[nodiscard]] std::vector<double> recalled(Memory& memory, std::string_view key, std::size_t count,
                                           const Compute& compute) {
    require_value_memory<Memory>();
    if (const auto known = known_values(memory, key, count)) return *known;
    const std::vector<double> values = compute();
    memory.keep(key, values);
    return values;
}

}  // namespace unloop::inline v0

#endif
