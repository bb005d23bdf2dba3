// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The dispatched backend with fast arithmetic for tests over every backend.
#include <unloop/backend/dispatched.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend fast_for_tests() {
    static const unloop::dispatched backend(unloop::arithmetic::fast);
    return erase("fast", backend, 4e-6, 0.02);
}

}  // namespace test
