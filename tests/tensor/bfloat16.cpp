// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// bfloat16 against its definition: every value upward, every midpoint and its neighbours downward.
#include <unloop/tensor/bfloat16.hpp>

#include <catch2/catch_test_macros.hpp>

#include "nearest_even.hpp"

using unloop::bfloat16;

TEST_CASE("bfloat16: all 65536 values widen exactly, and narrow back to themselves") {
    nearest_even::check_widening<bfloat16>(8, 7);
}

TEST_CASE("bfloat16: every value, midpoint and neighbour narrows to the nearest, ties to even") {
    nearest_even::check_narrowing<bfloat16>(8, 7);
}

TEST_CASE("bfloat16: infinities stay, and NaNs whose payload would be cut off stay NaN") {
    nearest_even::check_specials<bfloat16>(8, 7);
}
