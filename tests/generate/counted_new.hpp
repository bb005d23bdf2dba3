// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How often this test program has asked for memory.
#ifndef UNLOOP_TESTS_GENERATE_COUNTED_NEW_HPP
#define UNLOOP_TESTS_GENERATE_COUNTED_NEW_HPP

#include <cstddef>  // size_t

namespace test {

/// Calls of operator new so far, by all threads.
std::size_t allocations() noexcept;

}  // namespace test

#endif
