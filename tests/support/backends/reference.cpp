// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The plain loops for tests over every backend.
#include <unloop/kernels.hpp>

#include "support/erased_backend.hpp"

namespace test {

named_backend reference_for_tests() { return erase<unloop::reference>("reference", 0); }

}  // namespace test
