// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A memory of numbers that were computed, by key: what lets a stopped comparison continue.
#ifndef UNLOOP_ATTRIBUTE_VALUE_MEMORY_HPP
#define UNLOOP_ATTRIBUTE_VALUE_MEMORY_HPP

#include <concepts>     // same_as
#include <map>          // values
#include <optional>     // values that are not known
#include <string>       // keys
#include <string_view>  // keys
#include <vector>       // values

namespace unloop::inline v0 {

/// `std::optional<std::vector<double>> find(std::string_view key) const` and `void keep(std::string_view key, const
/// std::vector<double>& values)`: numbers come back to the last bit.
template <class Memory>
concept value_memory =
    requires(Memory& memory, const Memory& known, std::string_view key, const std::vector<double>& values) {
        { known.find(key) } -> std::same_as<std::optional<std::vector<double>>>;
        memory.keep(key, values);
    };

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

}  // namespace unloop::inline v0

#endif
