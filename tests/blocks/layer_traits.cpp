// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Widths that follow from a layer's heads.
#include <unloop/blocks/layer_traits.hpp>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("widths of queries and of keys are heads times head size") {
    unloop::layer_traits traits;
    traits.heads = 9, traits.key_value_heads = 3, traits.head_size = 64;
    CHECK(traits.query_width() == 576);
    CHECK(traits.key_value_width() == 192);
}
