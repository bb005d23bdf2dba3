// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Weight views: rows and slices by bytes, a float matrix as weights, rows widened by the format's own rule.
#include <unloop/tensor/weight_view.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/core/random.hpp>

#include <vector>  // memory

using namespace unloop;

namespace {

std::vector<std::byte> random_bytes(std::size_t count) {
    random_sequence random(3);
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(100));  // all finite in every format
    return bytes;
}

}  // namespace

TEST_CASE("rows and slices are counted in bytes") {
    auto memory = random_bytes(7 * 50);
    const mutable_weight_view weights{number_format::q4_1, 7, 64, 50, memory.data()};  // 40 bytes a row, 10 of padding
    CHECK(weights.row_bytes() == 40);
    CHECK(weights.row(3).data() == memory.data() + 150);
    CHECK(weights.row(3).size() == 40);
    const mutable_weight_view part = weights.slice(2, 4);
    CHECK(part.rows == 4);
    CHECK(part.columns == 64);
    CHECK(part.row_stride == 50);
    CHECK(part.format == number_format::q4_1);
    CHECK(part.row(1).data() == weights.row(3).data());
    const weight_view reading = part;
    CHECK(reading.data == part.data);
    CHECK(reading.rows == 4);
    static_assert(!std::is_convertible_v<weight_view, mutable_weight_view>);
    CHECK(weight_view{}.empty());
    CHECK(weights.slice(7, 0).empty());
    CHECK_FALSE(reading.empty());
    part.row(0)[0] = std::byte{99};
    CHECK(memory[100] == std::byte{99});
}

TEST_CASE("a slice of typed weights is the same memory") {
    const auto memory = random_bytes(4 * 34);
    const weight_view weights{number_format::q8_0, 4, 32, 34, memory.data()};
    const auto with_type = typed<q8_0>(weights);
    CHECK(with_type.rows == 4);
    CHECK(with_type.columns == 32);
    CHECK(with_type.row(2) == weights.row(2).data());
}

TEST_CASE("a float matrix is weights without a copy") {
    std::vector<float> memory{1, 2, 3, 0, 4, 5, 6, 0};
    const weight_view weights = as_weights(const_matrix_view(memory.data(), {2, 3}, {4, 1}));
    CHECK(weights.format == number_format::f32);
    CHECK(weights.data == reinterpret_cast<const std::byte*>(memory.data()));
    CHECK(weights.row_stride == 16);
    std::vector<float> row(3);
    decode_row(weights, 1, row);
    CHECK(row == std::vector<float>{4, 5, 6});
}

TEST_CASE("a widened row is its blocks, one after another") {
    for_each_format([](auto format) {
        const std::size_t blocks = 3, columns = blocks * format.block_values, stride = blocks * format.block_bytes + 6;
        const auto memory = random_bytes(4 * stride);
        const weight_view weights{format.tag, 4, columns, stride, memory.data()};
        for (std::size_t r = 0; r < 4; ++r) {
            std::vector<float> row(columns), block(format.block_values);
            decode_row(weights, r, row);
            for (std::size_t b = 0; b < blocks; ++b) {
                format.decode(memory.data() + r * stride + b * format.block_bytes, block.data());
                for (std::size_t i = 0; i < block.size(); ++i) REQUIRE(row[b * block.size() + i] == block[i]);
            }
        }
    });
}

TEST_CASE("adding a widened row is adding its values times a factor") {
    for_each_format([](auto format) {
        const std::size_t columns = 3 * format.block_values, stride = 3 * format.block_bytes + 6;
        const auto memory = random_bytes(4 * stride);
        const weight_view weights{format.tag, 4, columns, stride, memory.data()};
        for (std::size_t r = 0; r < 4; ++r)
            for (const float factor : {1.0F, -0.375F, 0.0F}) {
                std::vector<float> row(columns), sum(columns);
                for (std::size_t k = 0; k < columns; ++k) sum[k] = static_cast<float>(k);
                decode_row(weights, r, row);
                add_decoded_row(weights, r, factor, sum);
                for (std::size_t k = 0; k < columns; ++k) REQUIRE(sum[k] == static_cast<float>(k) + factor * row[k]);
            }
    });
}
