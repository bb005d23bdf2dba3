// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The Eigen backend for tests over every backend.
#include <unloop/backend/eigen.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend eigen_for_tests() { return erase<unloop::eigen_backend>("eigen", 4e-6); }

}  // namespace test
