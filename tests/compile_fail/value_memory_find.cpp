// expect: value_memory: needs find(std::string_view) const, which gives std::optional<std::vector<double>>, and
// expect: docs/concepts/value_memory.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A memory that finds nothing.
#include <unloop/attribute/value_memory.hpp>

struct diary {
    void keep(std::string_view, const std::vector<double>&);
};

std::vector<double> use(diary& memory) {
    return unloop::recalled(memory, "a", 0, [] { return std::vector<double>(); });
}
