// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it says so.
#include <unloop/parallel/executor.hpp>

#include <cstddef>  // size_t

struct executor {
    template <class Body>
    void for_each(std::size_t count, std::size_t, const Body& body) {
        body(std::size_t{0}, count);
    }
    std::size_t threads() const { return 1; }
};

void use() { unloop::require_executor<executor>(); }
