// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// rms_norm against its formula, with and without weights, in place.
#include <unloop/kernels/rms_norm.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("rms_norm divides by the root mean square and multiplies by the weight") {
    definition::for_each_length(0, [](std::size_t n, std::size_t offset) {
        const definition::vector x(n, offset, 1), weight(n, 3 - offset, 2);
        for (const float epsilon : {1e-5F, 0.5F})
            for (const std::span<const float> weights : {weight.values(), std::span<const float>()}) {
                std::vector<float> out(n);
                kernels::rms_norm(plain, x, weights, epsilon, out);
                long double squares = 0;
                for (float value : x.values())
                    squares += static_cast<long double>(value) * static_cast<long double>(value);
                const long double root =
                    std::sqrt(squares / static_cast<long double>(n) + static_cast<long double>(epsilon));
                for (std::size_t i = 0; i < n; ++i) {
                    const long double factor = weights.empty() ? 1 : static_cast<long double>(weights[i]);
                    close(out[i], static_cast<long double>(x[i]) / root * factor, 6);
                }
                definition::vector in_place = x;
                kernels::rms_norm(plain, in_place, weights, epsilon, in_place);
                for (std::size_t i = 0; i < n; ++i) REQUIRE(in_place[i] == out[i]);
            }
    });
}

TEST_CASE("the norm of zeros is zeros, and squares whose sum overflows float32 do not overflow the norm") {
    const std::vector<float> zeros(5), large(5, 1.5e19F);  // squares are 2.25e38, and five of them above 3.4e38
    std::vector<float> out(5, 1.0F), scaled(5);
    kernels::rms_norm(plain, zeros, {}, 1e-6F, out);
    CHECK(out == zeros);
    kernels::rms_norm(plain, large, {}, 0.0F, scaled);
    for (float value : scaled) close(value, 1, 4);
}

TEST_CASE("where the mean square overflows float32 the norm is zeros") {
    std::vector<float> out(4, 1.0F);
    kernels::rms_norm(plain, std::vector<float>(4, 1e20F), {}, 0.0F, out);
    CHECK(out == std::vector<float>(4));
}

TEST_CASE("one NaN makes the whole norm NaN, and of infinity NaN is left where it stood and zeros elsewhere") {
    std::vector<float> out(3);
    kernels::rms_norm(plain, std::vector<float>{1, definition::nan, 2}, {}, 1e-6F, out);
    for (const float value : out) CHECK(std::isnan(value));
    kernels::rms_norm(plain, std::vector<float>{1, -definition::infinity, 2}, {}, 1e-6F, out);
    CHECK(out[0] == 0);
    CHECK(std::isnan(out[1]));
    CHECK(out[2] == 0);
}
