// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What blocks run on: linear maps divided over threads, scratch space cut to size.
#include <unloop/blocks/block_run.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("a linear map is a matrix times every token, with the same bits on any number of threads") {
    for (const std::size_t rows : {1U, 11U, 12U, 13U, 100U})
        for (const std::size_t tokens : {0U, 1U, 5U}) {
            const std::size_t columns = 17;
            const auto memory = random_floats(rows * columns, rows), inputs = random_floats(tokens * columns, 2);
            const weight_view weights = as_weights(const_matrix_view(memory.data(), rows, columns));
            const const_matrix_view x(inputs.data(), tokens, columns);
            std::vector<float> out(tokens * rows), threaded(tokens * rows);
            serial alone;
            apply_linear(reference{}, alone, weights, x, matrix_view(out.data(), tokens, rows));
            for (std::size_t t = 0; t < tokens; ++t)
                CHECK(difference(std::span(out).subspan(t * rows, rows), times(weights, row_of(x, t))) < 1e-6);
            for (const std::size_t threads : {2U, 5U}) {
                thread_pool pool(threads);
                apply_linear(reference{}, pool, weights, x, matrix_view(threaded.data(), tokens, rows));
                CHECK(same_bits(threaded, out));
            }
        }
}

TEST_CASE("two linear maps in one loop have the bits of two loops") {
    const std::size_t rows = 37, columns = 17, tokens = 5;
    const auto memory = random_floats(2 * rows * columns, 1), inputs = random_floats(tokens * columns, 2);
    const weight_view both = as_weights(const_matrix_view(memory.data(), 2 * rows, columns));
    const weight_view one = both.slice(0, rows), other = both.slice(rows, rows);
    const const_matrix_view x(inputs.data(), tokens, columns);
    std::vector<float> apart(2 * tokens * rows), together(2 * tokens * rows);
    const auto half = [&](std::vector<float>& out, std::size_t i) {
        return matrix_view(out.data() + i * tokens * rows, tokens, rows);
    };
    serial alone;
    apply_linear(reference{}, alone, one, x, half(apart, 0));
    apply_linear(reference{}, alone, other, x, half(apart, 1));
    for (const std::size_t threads : {1U, 3U}) {
        thread_pool pool(threads);
        apply_linear_pair(reference{}, pool, one, other, x, half(together, 0), half(together, 1));
        CHECK(same_bits(together, apart));
    }
}

TEST_CASE("rows of a batch are visited once each") {
    for (const std::size_t rows : {0U, 1U, 8U, 9U, 50U}) {
        thread_pool pool(3);
        std::vector<int> visits(rows);
        for_each_row(pool, rows, [&](std::size_t t) { ++visits[t]; });
        CHECK(visits == std::vector<int>(rows, 1));
    }
}

TEST_CASE("scratch space is cut dense, narrower layers fit more tokens") {
    std::vector<float> memory(60);
    const matrix_view buffer(memory.data(), 6, 10);
    const matrix_view part = block_workspace::shaped(buffer, 12, 5);
    CHECK(part.rows() == 12);
    CHECK(part.stride(0) == 5);
    CHECK(part.data() == memory.data());
}
