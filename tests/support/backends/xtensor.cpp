// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The xtensor backend for tests over every backend.
#include <unloop/backend/xtensor.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend xtensor_for_tests() { return erase<unloop::xtensor_backend>("xtensor", 4e-6); }

}  // namespace test
