// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it finds.
#include <unloop/attribute/value_memory.hpp>

struct diary {
    std::optional<std::vector<double>> find(std::string_view) const;
    void keep(std::string_view, const std::vector<double>&);
};

std::vector<double> use(diary& memory) {
    return unloop::recalled(memory, "a", 0, [] { return std::vector<double>(); });
}
