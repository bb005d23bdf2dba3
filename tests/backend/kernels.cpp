// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Every kernel of the Highway backends against its plain loop: lengths 0 to 2N + 1, odd offsets, all formats.
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/core.hpp>
#include <unloop/kernels.hpp>

#include <cmath>
#include <cstring>
#include <vector>

namespace {

using namespace unloop;

constexpr std::size_t longest = 2 * 16 + 1;

/// Values in [-2, 2) with zeros and repeats among them.
std::vector<float> random_values(std::size_t n, std::uint64_t seed) {
    random_sequence random(seed);
    std::vector<float> values(n);
    for (float& value : values) value = random.below(8) == 0 ? 0.0F : static_cast<float>(4 * random.uniform() - 2);
    return values;
}

/// Rows of random blocks: any codes, scales of ordinary size.
template <class Format>
std::vector<std::byte> random_rows(std::size_t rows, std::size_t columns, std::uint64_t seed) {
    const std::size_t blocks = rows * columns / Format::block_values;
    std::vector<std::byte> bytes(blocks * Format::block_bytes);
    random_sequence random(seed);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    for (std::size_t b = 0; b < blocks; ++b) {
        std::byte* const block = bytes.data() + b * Format::block_bytes;
        const auto value = static_cast<float>(2 * random.uniform() - 1);
        if constexpr (Format::block_values == 1) {
            const auto stored = static_cast<typename Format::stored>(value);
            std::memcpy(block, &stored, sizeof stored);
        }
        for (std::size_t offset : Format::scale_offsets) {
            const float16 scale(static_cast<float>(2 * random.uniform() - 1));
            std::memcpy(block + offset, &scale, sizeof scale);
        }
    }
    return bytes;
}

/// Error bound of a float32 sum of `n` products with magnitudes that add up to `magnitude`.
double bound(std::size_t n, double magnitude) { return static_cast<double>(n + 2) * 0x1.0p-23 * magnitude + 1e-30; }

void close(float actual, float expected, double tolerance) {
    INFO("actual " << actual << ", expected " << expected);
    REQUIRE(std::abs(static_cast<double>(actual) - static_cast<double>(expected)) <= tolerance);
}

const dispatched backend_under_test;
const reference plain;

}  // namespace

TEST_CASE("dot agrees with the plain loop over lengths and offsets") {
    for (std::size_t n = 0; n <= longest; ++n)
        for (std::size_t offset = 0; offset < 4; ++offset) {
            const auto a = random_values(n + offset, 1), b = random_values(n + offset, 2);
            const std::span<const float> left(a.data() + offset, n), right(b.data() + offset, n);
            double magnitude = 0;
            for (std::size_t k = 0; k < n; ++k) magnitude += std::abs(static_cast<double>(left[k]) * right[k]);
            close(kernels::dot(backend_under_test, left, right), kernels::dot(plain, left, right), bound(n, magnitude));
        }
}

TEMPLATE_TEST_CASE("matvec and matmul agree with the plain loop in every format", "", f32, f16, bf16, q4_1, q8_0) {
    using format = TestType;
    const std::size_t unit = format::block_values;
    for (std::size_t columns : {unit, 2 * unit, 5 * unit, std::size_t{32}, std::size_t{96}, std::size_t{4128}})
        for (std::size_t rows = 0; rows <= 9; ++rows)
            for (std::size_t batch = 0; batch <= 9; ++batch) {
                if (columns > 4000 && (rows > 5 || batch > 5)) continue;
                const auto bytes = random_rows<format>(rows, columns, 3 + columns);
                const weight_view weights{format::tag, rows, columns, bytes_of(format::tag, columns), bytes.data()};
                const auto x = random_values(batch * (columns + 3), 4);
                const const_matrix_view inputs(x.data(), {batch, columns}, {columns + 3, 1});
                std::vector<float> actual(batch * (rows + 1) + 1, 77.0F), expected(batch * rows), single(rows);
                kernels::matmul(backend_under_test, weights, inputs,
                                matrix_view(actual.data(), {batch, rows}, {rows + 1, 1}));
                kernels::matmul(plain, weights, inputs, matrix_view(expected.data(), batch, rows));
                for (std::size_t b = 0; b < batch; ++b) {
                    kernels::matvec(backend_under_test, weights, inputs[b], single);
                    REQUIRE(actual[b * (rows + 1) + rows] == 77.0F);
                    for (std::size_t r = 0; r < rows; ++r) {
                        close(actual[b * (rows + 1) + r], expected[b * rows + r],
                              bound(columns, 64.0 * static_cast<double>(columns)));
                        REQUIRE(actual[b * (rows + 1) + r] == single[r]);  // one order of sums, whatever the batch
                    }
                }
            }
}

TEST_CASE("matmul of many rows and columns gives the bits of matvec", "[invariance]") {
    const std::size_t rows = 7, columns = 64 * 101, batch = 131;  // several panels of columns and of batch rows
    const auto bytes = random_rows<q4_1>(rows, columns, 5);
    const weight_view weights{number_format::q4_1, rows, columns, bytes_of(number_format::q4_1, columns), bytes.data()};
    const auto x = random_values(batch * columns, 6);
    const const_matrix_view inputs(x.data(), batch, columns);
    std::vector<float> all(batch * rows), single(rows);
    kernels::matmul(backend_under_test, weights, inputs, matrix_view(all.data(), batch, rows));
    for (std::size_t b = 0; b < batch; ++b) {
        kernels::matvec(backend_under_test, weights, inputs[b], single);
        REQUIRE(std::memcmp(single.data(), all.data() + b * rows, rows * sizeof(float)) == 0);
    }
}

TEST_CASE("weighted_sum agrees with the plain loop, and tiles of it add up to the same bits") {
    for (std::size_t columns = 0; columns <= 2 * 64 + 1; ++columns) {
        const std::size_t n = 11;
        const auto weights = random_values(n, 7), rows = random_values(n * (columns + 2), 8);
        const const_matrix_view view(rows.data(), {n, columns}, {columns + 2, 1});
        std::vector<float> actual(columns), expected(columns), tiled(columns);
        kernels::weighted_sum(backend_under_test, weights, view, actual);
        kernels::weighted_sum(plain, weights, view, expected);
        kernels::weighted_sum(backend_under_test, std::span(weights).first(4), view.rows(0, 4), tiled);
        kernels::weighted_sum(backend_under_test, std::span(weights).subspan(4), view.rows(4, n - 4), tiled);
        for (std::size_t j = 0; j < columns; ++j) close(actual[j], expected[j], bound(n, 4.0 * n));
        REQUIRE(actual == tiled);
    }
}

TEST_CASE("norm, softmax, log_sum_exp and gated products agree with the plain loops") {
    for (std::size_t n = 1; n <= longest; ++n)
        for (std::size_t offset = 0; offset < 3; ++offset) {
            const auto values = random_values(n + offset, 9), weight = random_values(n, 10);
            const std::span<const float> x(values.data() + offset, n);
            std::vector<float> actual(n), expected(n);
            for (std::span<const float> w : {std::span<const float>(weight), std::span<const float>()}) {
                kernels::rms_norm(backend_under_test, x, w, 1e-5F, actual);
                kernels::rms_norm(plain, x, w, 1e-5F, expected);
                for (std::size_t i = 0; i < n; ++i) close(actual[i], expected[i], 1e-6 * 8);
            }
            actual.assign(x.begin(), x.end()), expected = actual;
            kernels::softmax(backend_under_test, actual), kernels::softmax(plain, expected);
            for (std::size_t i = 0; i < n; ++i) close(actual[i], expected[i], 1e-6);
            close(kernels::log_sum_exp(backend_under_test, x), kernels::log_sum_exp(plain, x), 2e-6);
            const auto compare_gated = [&](auto kernel) {
                kernel(backend_under_test, x, weight, actual), kernel(plain, x, weight, expected);
                for (std::size_t i = 0; i < n; ++i) close(actual[i], expected[i], 4e-6);
                std::vector<float> in_place(x.begin(), x.end());
                kernel(backend_under_test, in_place, weight, in_place);
                REQUIRE(in_place == actual);
            };
            compare_gated(kernels::gated_product<kernels::silu_t>);
            compare_gated(kernels::gated_product<kernels::gelu_tanh_t>);
        }
}

TEST_CASE("extreme values are treated as documented") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> masked{-infinity, 1.0F, -infinity, 1.0F};
    kernels::softmax(backend_under_test, masked);
    REQUIRE(masked == std::vector<float>{0.0F, 0.5F, 0.0F, 0.5F});
    std::vector<float> spoiled(17, 1.0F);
    spoiled[16] = std::numeric_limits<float>::quiet_NaN();
    kernels::softmax(backend_under_test, spoiled);
    REQUIRE(std::isnan(spoiled[0]));
    std::vector<float> none(3, -infinity);
    kernels::softmax(backend_under_test, none);
    REQUIRE(std::isnan(none[1]));
    const std::vector<float> large{-200.0F, 200.0F, -90.0F, 90.0F}, ones(4, 1.0F);
    std::vector<float> gated(4);
    kernels::gated_product<kernels::silu_t>(backend_under_test, large, ones, gated);
    REQUIRE(std::abs(gated[0]) < 1e-30F);
    REQUIRE(gated[1] == 200.0F);
    REQUIRE(gated[3] == 90.0F);
}
