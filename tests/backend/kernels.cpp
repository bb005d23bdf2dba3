// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Every backend in every format, on products larger than any tile or panel; laws.cpp has the lengths from 0 on.
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <unloop/kernels.hpp>

#include <laws/backend.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "support/erased_backend.hpp"

using namespace unloop;

namespace {

/// One product by matmul and by matvec; out has a column more, which must stay as it is.
void check_products(const test::named_backend& each, const weight_view& weights, const_matrix_view x,
                    const_matrix_view expected, const_matrix_view magnitudes) {
    std::vector<float> all(x.rows() * (weights.rows + 1), 77.0F), single(weights.rows);
    const matrix_view out(all.data(), {x.rows(), weights.rows}, {weights.rows + 1, 1});
    kernels::matmul(each.backend, weights, x, out);
    std::size_t far = 0, unlike = 0, spilled = 0;
    for (std::size_t b = 0; b < x.rows(); ++b) {
        kernels::matvec(each.backend, weights, x[b], single);
        for (std::size_t r = 0; r < weights.rows; ++r) {
            const double bound = each.product_tolerance * static_cast<double>(magnitudes[b][r]);
            far += std::abs(static_cast<double>(out[b][r]) - static_cast<double>(expected[b][r])) > bound;
            far += std::abs(static_cast<double>(single[r]) - static_cast<double>(expected[b][r])) > bound;
        }
        unlike += std::memcmp(out[b].data(), single.data(), single.size() * sizeof(float)) != 0;
        spilled += all[b * (weights.rows + 1) + weights.rows] != 77.0F;
    }
    CHECK(far == 0);
    CHECK(spilled == 0);
    if (each.batch_invariant) CHECK(unlike == 0);  // one order of sums, whatever the batch
}

}  // namespace

TEMPLATE_TEST_CASE("every backend multiplies matrices of every format as the plain loop does", "", f32, f16, bf16, q4_1,
                   q8_0) {
    const std::size_t rows = 37, columns = 65 * 64 + (TestType::block_values == 1 ? 5 : 0), batch = 67;
    const auto bytes = laws::detail::some_weights<TestType>(rows * columns, 5);
    const weight_view weights{TestType::tag, rows, columns, bytes_of(TestType::tag, columns), bytes.data()};
    const auto x = laws::detail::some_values(batch * (columns + 3), 6);
    const const_matrix_view inputs(x.data(), {batch, columns}, {columns + 3, 1});
    std::vector<float> expected(batch * rows), magnitudes(batch * rows), row(columns);
    kernels::matmul(reference{}, weights, inputs, matrix_view(expected.data(), batch, rows));
    for (std::size_t r = 0; r < rows; ++r) {
        decode_row(weights, r, row);
        for (std::size_t b = 0; b < batch; ++b)
            for (std::size_t k = 0; k < columns; ++k) magnitudes[b * rows + r] += std::abs(row[k] * inputs[b][k]);
    }
    for (const test::named_backend& each : test::every_backend()) {
        INFO("backend " << each.name);
        for (const std::size_t tokens : {std::size_t{1}, std::size_t{5}, batch})
            check_products(each, weights, inputs.rows(0, tokens), {expected.data(), tokens, rows},
                           {magnitudes.data(), tokens, rows});
    }
}

TEST_CASE("large gates go through silu as the formula says on every backend") {
    const std::vector<float> large{-200.0F, 200.0F, -90.0F, 90.0F}, ones(4, 1.0F);
    for (const test::named_backend& each : test::every_backend()) {
        INFO("backend " << each.name);
        std::vector<float> gated(4);
        kernels::gated_product<kernels::silu_t>(each.backend, large, ones, gated);
        CHECK(std::abs(gated[0]) < 1e-30F);
        CHECK(std::abs(gated[2]) < 1e-30F);
        CHECK(gated[1] == 200.0F);
        CHECK(gated[3] == 90.0F);
    }
}
