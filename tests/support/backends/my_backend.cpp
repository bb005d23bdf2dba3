// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The example of a backend of one's own for tests over every backend.
#include "../../../examples/extend/my_backend/my_backend.hpp"

#include "support/erased_backend.hpp"

namespace test {

named_backend my_backend_for_tests() { return erase<my_backend>("my_backend", 4e-6); }

}  // namespace test
