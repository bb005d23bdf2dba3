// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Without it.
#include <unloop/core/expects.hpp>

int positive(int value) {
    unloop::expects(value > 0, "positive");
    return value;
}
