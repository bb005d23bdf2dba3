// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest memory of one's own, used as any other is, and checked with the laws of memories.
#include <unloop/attribute/value_memory.hpp>

#include <laws/value_memory.hpp>

#include <cmath>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// [memory]
/// The last few things that were computed, for programs that ask for the same again soon.
struct recent_values {
    std::size_t most;
    std::vector<std::pair<std::string, std::vector<double>>> entries = {};

    std::optional<std::vector<double>> find(std::string_view key) const {
        for (const auto& [known, values] : entries)
            if (known == key) return values;
        return std::nullopt;
    }
    void keep(std::string_view key, const std::vector<double>& values) {
        if (entries.size() == most) entries.erase(entries.begin());
        entries.emplace_back(key, values);
    }
};
static_assert(unloop::value_memory<recent_values>);
// [/memory]

int main() {
    // [laws]
    const auto broken = laws::broken_value_memory_laws(recent_values{64});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    // [use]
    recent_values memory{8};
    const auto roots = [] {
        std::cout << "computing\n";
        return std::vector<double>{std::sqrt(2.0), std::sqrt(3.0)};
    };
    for (int i = 0; i < 2; ++i) std::cout << unloop::recalled(memory, "roots", 2, roots).back() << '\n';
    // [/use]
    return broken.empty() ? 0 : 1;
}
