// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The static Highway backend for tests over every backend; without flags it is the scalar one.
#include <unloop/backend/highway.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend highway_for_tests() { return erase<unloop::highway>("highway", 4e-6); }

}  // namespace test
