// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Vector-Jacobian products against central differences of the formulas in long double.
#include <unloop/kernels/add_outer.hpp>
#include <unloop/kernels/gated_product_vjp.hpp>
#include <unloop/kernels/gelu_tanh.hpp>
#include <unloop/kernels/matmul_transposed.hpp>
#include <unloop/kernels/rms_norm_vjp.hpp>
#include <unloop/kernels/rotary_vjp.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/kernels/soft_cap_vjp.hpp>
#include <unloop/kernels/softmax_vjp.hpp>

#include <catch2/catch_template_test_macros.hpp>

#include <numbers>  // pi

#include "definition.hpp"
#include "weights.hpp"

using namespace unloop;
using definition::close;
using definition::plain;
using wide = std::vector<long double>;

namespace {

wide widened(std::span<const float> values) { return {values.begin(), values.end()}; }

/// gradient . d f(x) / d x[i] by a central difference.
template <class Formula>
long double slope(const Formula& formula, wide x, std::size_t i, std::span<const float> gradient) {
    constexpr long double step = 1e-5L;
    const long double at = x[i];
    x[i] = at + step;
    const wide above = formula(x);
    x[i] = at - step;
    const wide below = formula(x);
    long double sum = 0;
    for (std::size_t k = 0; k < above.size(); ++k)
        sum += static_cast<long double>(gradient[k]) * (above[k] - below[k]) / (2 * step);
    return sum;
}

/// `actual` is what `formula`'s differences say; magnitude of the values around 10.
template <class Formula>
void check(std::span<const float> actual, const Formula& formula, std::span<const float> x,
           std::span<const float> gradient) {
    for (std::size_t i = 0; i < actual.size(); ++i) close(actual[i], slope(formula, widened(x), i, gradient), 20, 32);
}

long double activated(kernels::silu_t, long double x) { return x / (1 + std::exp(-x)); }
long double activated(kernels::gelu_tanh_t, long double x) {
    return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi_v<long double>) * (x + 0.044715L * x * x * x)));
}

}  // namespace

TEST_CASE("rms_norm_vjp is the slope of rms_norm, with and without weights, in place") {
    definition::for_each_length(1, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1), weight(n, 3 - offset, 2), gradient(n, offset, 3);
        for (const std::span<const float> weights : {weight.values(), std::span<const float>()}) {
            const auto formula = [&](const wide& at) {
                long double squares = 0;
                for (const long double value : at) squares += value * value;
                const long double root = std::sqrt(squares / static_cast<long double>(n) + 0.5L);
                wide out;
                for (std::size_t i = 0; i < n; ++i)
                    out.push_back(at[i] / root * (weights.empty() ? 1 : static_cast<long double>(weights[i])));
                return out;
            };
            std::vector<float> out(n);
            kernels::rms_norm_vjp(plain, x, weights, 0.5F, gradient, out);
            check(out, formula, x, gradient);
            definition::vector in_place = gradient;
            kernels::rms_norm_vjp(plain, x, weights, 0.5F, in_place, in_place);
            for (std::size_t i = 0; i < n; ++i) REQUIRE(in_place[i] == out[i]);
        }
    });
}

TEST_CASE("softmax_vjp is the slope of softmax") {
    definition::for_each_length(1, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1), gradient(n, offset, 2);
        const auto formula = [](const wide& at) {
            long double total = 0;
            wide out;
            for (const long double value : at) total += out.emplace_back(std::exp(value));
            for (long double& value : out) value /= total;
            return out;
        };
        std::vector<float> weights, out(gradient.values().begin(), gradient.values().end());
        for (const long double weight : formula(widened(x))) weights.push_back(static_cast<float>(weight));
        kernels::softmax_vjp(plain, weights, out);
        check(out, formula, x, gradient);
    });
}

TEST_CASE("soft_cap_vjp is the slope of soft_cap") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1), gradient(n, offset, 2);
        const auto formula = [](const wide& at) {
            wide out;
            for (const long double value : at) out.push_back(3 * std::tanh(value / 3));
            return out;
        };
        std::vector<float> capped, out(gradient.values().begin(), gradient.values().end());
        for (const long double value : formula(widened(x))) capped.push_back(static_cast<float>(value));
        kernels::soft_cap_vjp(plain, 3.0F, capped, out);
        check(out, formula, x, gradient);
    });
}

TEST_CASE("rotary_vjp is the slope of rotary, and turns back what rotary turned") {
    for (const auto layout : {rotary_layout::halves, rotary_layout::interleaved})
        for (std::size_t pairs = 0; pairs <= 9; ++pairs) {
            std::vector<float> cosine, sine;
            for (std::size_t i = 0; i < pairs; ++i) {
                cosine.push_back(std::cos(static_cast<float>(i) + 0.3F));
                sine.push_back(std::sin(static_cast<float>(i) + 0.3F));
            }
            const definition::vector gradient(2 * pairs, 0, 2), x(2 * pairs, 1, 1);
            const auto formula = [&](const wide& at) {
                wide out(at.size());
                for (std::size_t i = 0; i < pairs; ++i) {
                    const std::size_t low = layout == rotary_layout::halves ? i : 2 * i;
                    const std::size_t high = layout == rotary_layout::halves ? i + pairs : 2 * i + 1;
                    const auto c = static_cast<long double>(cosine[i]), s = static_cast<long double>(sine[i]);
                    out[low] = at[low] * c - at[high] * s, out[high] = at[high] * c + at[low] * s;
                }
                return out;
            };
            std::vector<float> out(gradient.values().begin(), gradient.values().end());
            kernels::rotary_vjp(plain, layout, cosine, sine, out);
            check(out, formula, x, gradient);
            kernels::rotary(plain, layout, cosine, sine, out);
            for (std::size_t i = 0; i < out.size(); ++i) close(out[i], static_cast<long double>(gradient[i]), 8, 8);
        }
}

TEMPLATE_TEST_CASE("gated_product_vjp is the slope of gated_product, and may write over the gradient", "",
                   kernels::silu_t, kernels::gelu_tanh_t) {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector gate(n, offset, 1), up(n, 3 - offset, 2), gradient(n, offset, 3);
        const auto neurons = [&](const wide& gates, const wide& ups) {
            wide out;
            for (std::size_t j = 0; j < n; ++j) out.push_back(activated(TestType{}, gates[j]) * ups[j]);
            return out;
        };
        std::vector<float> of_gate(n), of_up(gradient.values().begin(), gradient.values().end());
        kernels::gated_product_vjp<TestType>(plain, gate, up, of_up, of_gate, of_up);
        check(
            of_gate, [&](const wide& at) { return neurons(at, widened(up)); }, gate, gradient);
        check(
            of_up, [&](const wide& at) { return neurons(widened(gate), at); }, up, gradient);
    });
    CHECK(TestType::slope(-200.0F) == 0.0F);
    CHECK(TestType::slope(200.0F) == 1.0F);
}

TEMPLATE_TEST_CASE("matmul_transposed adds the columns of weights, each times its row's gradient", "", f32, f16, bf16,
                   q4_1, q8_0) {
    for (const std::size_t rows : {0U, 1U, 5U, 9U})
        for (std::size_t batch = 0; batch <= 4; ++batch) {
            const std::size_t columns = 64, padding = 3;
            const random_weights<TestType> weights(rows, columns, rows);
            const definition::vector gradient(batch * (rows + padding), 1, 2);
            const const_matrix_view gradients(gradient.values().data(), {batch, rows}, {rows + padding, 1});
            std::vector<float> memory(batch * (columns + padding), 7.0F);
            kernels::matmul_transposed(plain, weights.view(), gradients,
                                       matrix_view(memory.data(), {batch, columns}, {columns + padding, 1}));
            for (std::size_t b = 0; b < batch; ++b)
                for (std::size_t k = 0; k < columns + padding; ++k) {
                    long double sum = 7, magnitude = 7;
                    for (std::size_t r = 0; k < columns && r < rows; ++r) {
                        const long double product =
                            static_cast<long double>(gradients[b][r]) * static_cast<long double>(weights.row(r)[k]);
                        sum += product, magnitude += std::abs(product);
                    }
                    close(memory[b * (columns + padding) + k], sum, magnitude, 4);
                }
        }
}

TEST_CASE("add_outer adds multiples of one vector to rows, and writes nowhere else") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1), weights(3, 0, 2);
        std::vector<float> memory(3 * (n + 2), 1.0F);
        kernels::add_outer(plain, weights, x, matrix_view(memory.data(), {3, n}, {n + 2, 1}));
        for (std::size_t i = 0; i < 3; ++i)
            for (std::size_t j = 0; j < n + 2; ++j)
                close(memory[i * (n + 2) + j],
                      1 + (j < n ? static_cast<long double>(weights[i]) * static_cast<long double>(x[j]) : 0), 17, 2);
    });
}
