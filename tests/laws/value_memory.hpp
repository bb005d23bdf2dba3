// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of memories of numbers as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_VALUE_MEMORY_HPP
#define UNLOOP_LAWS_VALUE_MEMORY_HPP

#include <unloop/attribute/value_memory.hpp>

#include <cstring>      // memcmp
#include <limits>       // extremes
#include <string>       // keys, names of broken laws
#include <string_view>  // keys
#include <utility>      // as_const
#include <vector>       // values, broken laws

namespace laws {

namespace detail {

/// Whether the memory finds exactly these bits.
template <class Memory>
bool finds(const Memory& memory, std::string_view key, const std::vector<double>& values) {
    const auto found = memory.find(key);
    if (!found || found->size() != values.size()) return false;
    return values.empty() || std::memcmp(found->data(), values.data(), values.size() * sizeof(double)) == 0;
}

}  // namespace detail

/// The broken laws of a memory that is empty and has room for a dozen entries; empty if it keeps them all.
template <class Memory>
[[nodiscard]] std::vector<std::string> broken_value_memory_laws(Memory memory) {
    unloop::require_value_memory<Memory>();
    using limits = std::numeric_limits<double>;
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    demand(!std::as_const(memory).find("a") && !std::as_const(memory).find(""),
           "silence: what was not kept is not found");
    const std::vector<double> values{
        0.1, -0.0, limits::denorm_min(), -limits::max(), limits::infinity(), limits::quiet_NaN()};
    memory.keep("a", values);
    demand(detail::finds(memory, "a", values), "bits: numbers come back to the last bit, in order");
    memory.keep("none", {});
    demand(detail::finds(memory, "none", {}), "emptiness: no numbers are known to be none");
    const std::vector<std::string> keys{"", " ", "a ", "A", "a\nb", "\"a\": [1]", "\xC3\xA9", std::string(9'000, 'a')};
    for (std::size_t i = 0; i < keys.size(); ++i) memory.keep(keys[i], {static_cast<double>(i)});
    bool are_apart = detail::finds(memory, "a", values) && !memory.find(std::string(8'999, 'a'));
    for (std::size_t i = 0; i < keys.size(); ++i)
        are_apart = are_apart && detail::finds(memory, keys[i], {static_cast<double>(i)});
    demand(are_apart, "keys: each key has its own numbers, whatever characters it is of");
    return broken;
}

}  // namespace laws

#endif
