// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Views: shapes, strides, parts, constness and deduction, against positions counted by hand.
#include <unloop/tensor/view.hpp>

#include <catch2/catch_test_macros.hpp>

#include <numeric>  // iota
#include <vector>   // memory

using namespace unloop;

namespace {

std::vector<float> counting(std::size_t n) {
    std::vector<float> values(n);
    std::iota(values.begin(), values.end(), 0.0F);
    return values;
}

}  // namespace

TEST_CASE("a dense view counts rows, then columns") {
    auto memory = counting(24);
    const view matrix{memory.data(), 4U, 6};  // extents of any integer type
    static_assert(std::is_same_v<decltype(matrix), const view<float, 2>>);
    CHECK(matrix.rows() == 4);
    CHECK(matrix.columns() == 6);
    CHECK(matrix.stride(0) == 6);
    CHECK(matrix.stride(1) == 1);
    for (std::size_t r = 0; r < 4; ++r)
        for (std::size_t c = 0; c < 6; ++c) CHECK(&matrix[r][c] == memory.data() + 6 * r + c);
    matrix[2][3] = -1;
    CHECK(memory[15] == -1);
}

TEST_CASE("one and three dimensions") {
    auto memory = counting(24);
    const view<float, 1> line{memory.data(), 24};
    CHECK(&line[5] == memory.data() + 5);
    CHECK(line.rows() == 24);
    CHECK(line.columns() == 24);
    const view<float, 3> cube{memory.data(), 2, 3, 4};
    CHECK(cube.stride(0) == 12);
    CHECK(cube.stride(1) == 4);
    CHECK(cube.rows() == 2);
    CHECK(cube.columns() == 4);
    for (std::size_t i = 0; i < 2; ++i) {
        const view<float, 2> slab = cube[i];
        CHECK(slab.extent(0) == 3);
        for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t k = 0; k < 4; ++k) CHECK(slab[j][k] == static_cast<float>(12 * i + 4 * j + k));
    }
}

TEST_CASE("bands of rows and columns share memory and keep strides") {
    auto memory = counting(5 * 8);
    const matrix_view whole(memory.data(), {5, 6}, {8, 1});  // two columns of padding
    const matrix_view middle = whole.rows(1, 3).columns(2, 3);
    CHECK(middle.rows() == 3);
    CHECK(middle.columns() == 3);
    CHECK(middle.stride(0) == 8);
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(middle[r].size() == 3);
        for (std::size_t c = 0; c < 3; ++c) CHECK(&middle[r][c] == memory.data() + 8 * (r + 1) + c + 2);
    }
    CHECK(whole.columns(2, 3).rows(1, 3)[2][1] == middle[2][1]);
    CHECK(whole.rows(5, 0).rows() == 0);
    CHECK(whole.columns(6, 0).columns() == 0);
}

TEST_CASE("a writable view becomes a read-only one, never the reverse") {
    auto memory = counting(8);
    const matrix_view matrix(memory.data(), {2, 3}, {4, 1});
    const const_matrix_view reading = matrix;
    CHECK(reading.data() == memory.data());
    CHECK(reading.stride(0) == 4);
    CHECK(reading[1][2] == 6);
    static_assert(std::is_convertible_v<matrix_view, const_matrix_view>);
    static_assert(!std::is_convertible_v<const_matrix_view, matrix_view>);
    static_assert(!std::is_convertible_v<matrix_view, view<const float, 1>>);
    static_assert(std::is_same_v<decltype(reading[0]), std::span<const float>>);
    static_assert(std::is_same_v<decltype(matrix[0]), std::span<float>>);
}

TEST_CASE("the type of a view follows from its arguments") {
    const std::vector<int> memory(12);
    static_assert(std::is_same_v<decltype(view{memory.data(), 12}), view<const int, 1>>);
    static_assert(std::is_same_v<decltype(view{memory.data(), 3, 4}), view<const int, 2>>);
    static_assert(std::is_same_v<view<const int, 2>::value_type, int>);
    constexpr view<float, 2> empty;
    static_assert(empty.rows() == 0 && empty.columns() == 0 && empty.data() == nullptr);
    CHECK(view{memory.data(), 3, 4}[2].size() == 4);
}
