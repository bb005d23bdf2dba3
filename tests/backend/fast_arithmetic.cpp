// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Fast arithmetic: its plain loops against the formula, every instruction set against the plain loops, both against
// exact arithmetic.
#include <unloop/backend/dispatched.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/backend.hpp>

#include <cmath>        // abs
#include <cstring>      // memcmp
#include <limits>       // infinity
#include <string_view>  // names of instruction sets
#include <vector>       // memory

using namespace unloop;

namespace {

const backend::kernel_table* current = nullptr;
struct fast_source {
    static const backend::kernel_table& table() noexcept { return *current; }
};
using fast_backend = backend::table_backend<fast_source>;

bool fuses(const backend::kernel_table& table) {
    return std::string_view(table.target).find("AVX") != std::string_view::npos;
}

/// Weights and activations of one product; rows of x lie apart.
template <class Format>
struct product {
    std::size_t rows, columns, batch;
    std::vector<std::byte> bytes = laws::detail::some_weights<Format>(rows * columns, 21);
    std::vector<float> x = laws::detail::some_values(batch * (columns + 3), 22);

    [[nodiscard]] weight_view weights() const {
        return {Format::tag, rows, columns, bytes_of(Format::tag, columns), bytes.data()};
    }
    [[nodiscard]] const_matrix_view inputs() const { return {x.data(), {batch, columns}, {columns + 3, 1}}; }
    template <class Backend>
    [[nodiscard]] std::vector<float> with(const Backend& on) const {
        std::vector<float> out(batch * rows, 77.0F);
        kernels::matmul(on, weights(), inputs(), matrix_view(out.data(), batch, rows));
        return out;
    }
    /// By how much the outputs may differ from exact ones, relative to which rounding is nothing.
    [[nodiscard]] double bound(std::size_t b, std::size_t r) const {
        std::vector<float> row(columns);
        decode_row(weights(), r, row);
        double sum = 0;
        for (std::size_t k = 0; k < columns; k += 32) {
            double largest = 0, magnitude = 0;
            for (std::size_t i = k; i < k + 32; ++i) {
                largest = std::max(largest, std::abs(double{inputs()[b][i]}));
                magnitude += std::abs(double{row[i]});
            }
            sum += largest / 254 * magnitude;
        }
        return sum * 1.001 + 1e-5;
    }
};

}  // namespace

TEST_CASE("activations become the nearest of 255 codes, ties to even") {
    std::vector<float> x(32, 0.0F);
    x[0] = -127, x[1] = 2.5F, x[2] = 3.5F, x[17] = 126.6F, x[31] = -0.4F;
    const auto block = backend::quantise_activations(x.data());
    CHECK(block.scale == 1.0F);
    CHECK(block.codes[0] == -127);
    CHECK(block.codes[1] == 2);
    CHECK(block.codes[2] == 4);
    CHECK(block.codes[17] == 127);
    CHECK(block.codes[31] == 0);
    CHECK(block.sum == -127.0F + 2.0F + 4.0F + 127.0F);
    const std::vector<float> tiny(32, 1e-35F);
    CHECK(backend::quantise_activations(tiny.data()).scale == 0.0F);
}

TEMPLATE_TEST_CASE("every instruction set does fast products as the plain loops do", "[invariance]", q4_1, q8_0) {
    for (const std::size_t columns : {0U, 32U, 64U, 96U, 160U, 32U * 63, 32U * 64, 32U * 65, 32U * 129})
        for (const std::size_t rows : {1U, 3U, 5U, 67U})
            for (const std::size_t batch : {1U, 2U, 3U, 7U, 9U}) {
                if (rows * columns * batch > 700000) continue;
                const product<TestType> one{rows, columns, batch};
                const std::vector<float> plain = one.with(fast_reference());
                for (const backend::kernel_table* table : backend::dispatched_tables(arithmetic::fast)) {
                    INFO("target " << table->target << ", " << rows << " x " << columns << ", batch " << batch);
                    current = table;
                    const std::vector<float> out = one.with(fast_backend());
                    std::size_t unlike = 0;
                    for (std::size_t i = 0; i < out.size(); ++i)
                        unlike += fuses(*table) ? std::memcmp(&out[i], &plain[i], sizeof(float)) != 0
                                                : std::abs(out[i] - plain[i]) > 1e-5F * static_cast<float>(columns);
                    CHECK(unlike == 0);
                }
            }
}

TEMPLATE_TEST_CASE("fast products are as near to exact ones as eight bits allow", "", q4_1, q8_0) {
    const product<TestType> one{29, 32 * 18, 3};
    const std::vector<float> exact = one.with(reference()), fast = one.with(dispatched(arithmetic::fast));
    double apart = 0;
    std::size_t far = 0;
    for (std::size_t b = 0; b < one.batch; ++b)
        for (std::size_t r = 0; r < one.rows; ++r) {
            const double difference = std::abs(double{exact[b * one.rows + r]} - double{fast[b * one.rows + r]});
            apart = std::max(apart, difference);
            far += difference > one.bound(b, r);
        }
    CHECK(far == 0);
    CHECK(apart > 0);  // it is another arithmetic
}

TEST_CASE("fast arithmetic keeps the laws of backends, products within 0.02 of the sum of magnitudes") {
    for (const backend::kernel_table* table : backend::dispatched_tables(arithmetic::fast)) {
        INFO("target " << table->target);
        current = table;
        const laws::backend_claims claims{.tolerance = 4e-6, .product_tolerance = 0.02, .longest = 17};
        CHECK(laws::broken_backend_laws(fast_backend(), claims) == std::vector<std::string>{});
    }
    const laws::backend_claims claims{.tolerance = 0, .product_tolerance = 0.02, .longest = 1};
    CHECK(laws::broken_backend_laws(fast_reference(), claims) == std::vector<std::string>{});
    CHECK(is_batch_invariant<fast_reference>);
    CHECK(!keeps_activations(fast_backend()));
    CHECK(!keeps_activations(fast_reference()));
}

TEST_CASE("bf16 weights with activations rounded to bf16 are within float32 rounding of their exact product") {
    for (const backend::kernel_table* table : backend::dispatched_tables(arithmetic::fast)) {
        if (std::string_view(table->target) == "SCALAR") continue;  // has no pairs, and rounds nothing
        for (const std::size_t columns : {0U, 1U, 15U, 33U, 576U, 4096U, 4129U})
            for (const std::size_t rows : {1U, 4U, 7U})
                for (const std::size_t batch : {1U, 2U, 3U}) {
                    INFO("target " << table->target << ", " << rows << " x " << columns << ", batch " << batch);
                    const product<bf16> one{rows, columns, batch};
                    std::vector<float> out(batch * rows, 77.0F), row(columns), alone(rows, 77.0F);
                    const typed_weights<bf16> weights{rows, columns, 2 * columns, one.bytes.data()};
                    table->rounded.matmul(weights, one.inputs(), matrix_view(out.data(), batch, rows));
                    table->rounded.matvec(weights, one.inputs()[0].data(), alone.data());
                    CHECK(std::memcmp(out.data(), alone.data(), rows * sizeof(float)) == 0);
                    std::size_t far = 0;
                    for (std::size_t r = 0; r < rows; ++r) {
                        decode_row(one.weights(), r, row);
                        for (std::size_t b = 0; b < batch; ++b) {
                            double sum = 0, magnitudes = 0;
                            for (std::size_t k = 0; k < columns; ++k) {
                                const auto rounded = static_cast<float>(bfloat16(one.inputs()[b][k]));
                                sum += double{row[k]} * double{rounded};
                                magnitudes += std::abs(double{row[k]} * double{rounded});
                            }
                            far += std::abs(sum - double{out[b * rows + r]}) > 1e-6 * magnitudes;
                        }
                    }
                    CHECK(far == 0);
                }
    }
}

TEST_CASE("formats that are not rounded have the same bits in either arithmetic") {
    const product<f16> halves{7, 33, 5};
    CHECK(halves.with(dispatched(arithmetic::fast)) == halves.with(dispatched()));
    const product<f32> floats{7, 33, 5};
    CHECK(floats.with(dispatched(arithmetic::fast)) == floats.with(dispatched()));
}

TEMPLATE_TEST_CASE("an activation that is not finite makes its own outputs NaN and no others", "", q4_1, q8_0) {
    for (const float strange : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        product<TestType> one{5, 96, 3};
        const std::vector<float> before = one.with(dispatched(arithmetic::fast));
        one.x[one.columns + 3 + 40] = strange;
        const std::vector<float> after = one.with(dispatched(arithmetic::fast));
        for (std::size_t r = 0; r < 5; ++r) {
            CHECK(after[r] == before[r]);
            CHECK(std::isnan(after[5 + r]));
            CHECK(after[10 + r] == before[10 + r]);
        }
    }
}
