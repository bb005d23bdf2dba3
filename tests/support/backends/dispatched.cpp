// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The dispatched backend for tests over every backend.
#include <unloop/backend/dispatched.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend dispatched_for_tests() { return erase<unloop::dispatched>("dispatched", 4e-6); }

}  // namespace test
