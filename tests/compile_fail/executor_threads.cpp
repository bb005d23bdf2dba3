// expect: executor: needs std::size_t threads() const; see docs/concepts/executor.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// An executor that keeps to itself how many threads it has.
#include <unloop/parallel/executor.hpp>

#include <cstddef>  // size_t

struct executor {
    template <class Body>
    void for_each(std::size_t count, std::size_t, const Body& body) {
        body(std::size_t{0}, count);
    }
};

void use() { unloop::require_executor<executor>(); }
