// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The norm as a block: its formula, token by token, in place and on threads.
#include <unloop/blocks/rms_norm.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("every token is normed by itself") {
    const std::size_t tokens = 21, n = 30;
    const auto weight = random_floats(n, 1), inputs = random_floats(tokens * n, 2, 5.0);
    const unloop::rms_norm norm{weight};
    std::vector<float> out(tokens * n), in_place = inputs;
    serial alone;
    thread_pool pool(3);
    const const_matrix_view x(inputs.data(), tokens, n);
    norm.forward(reference{}, alone, 1e-3F, x, matrix_view(out.data(), tokens, n));
    for (std::size_t t = 0; t < tokens; ++t)
        CHECK(difference(std::span(out).subspan(t * n, n), normed(weight, 1e-3F, row_of(x, t))) < 1e-6);
    const matrix_view same(in_place.data(), tokens, n);
    norm.forward(reference{}, pool, 1e-3F, same, same);
    CHECK(same_bits(in_place, out));
}
