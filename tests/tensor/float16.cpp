// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// float16 against its definition: every value upward, every midpoint and its neighbours downward.
#include <unloop/tensor/float16.hpp>

#include <catch2/catch_test_macros.hpp>

#include "nearest_even.hpp"

using unloop::float16;

TEST_CASE("float16: all 65536 values widen exactly, and narrow back to themselves") {
    nearest_even::check_widening<float16>(5, 10);
}

TEST_CASE("float16: every value, midpoint and neighbour narrows to the nearest, ties to even") {
    nearest_even::check_narrowing<float16>(5, 10);
}

TEST_CASE("float16: infinities stay, and NaNs whose payload would be cut off stay NaN") {
    nearest_even::check_specials<float16>(5, 10);
}
