// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// matvec against its formula, in every format, with padded rows.
#include <unloop/kernels/matvec.hpp>

#include <catch2/catch_template_test_macros.hpp>

#include "definition.hpp"
#include "weights.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEMPLATE_TEST_CASE("matvec is one sum of products a row, in every format", "", f32, f16, bf16, q4_1, q8_0) {
    const std::size_t unit = TestType::block_values;
    const std::size_t most = unit == 1 ? definition::longest : 4;
    for (std::size_t blocks = 0; blocks <= most; ++blocks)
        for (std::size_t rows = 0; rows <= 5; ++rows) {
            const std::size_t columns = blocks * unit;
            const random_weights<TestType> weights(rows, columns, blocks);
            const definition::vector x(columns, blocks % 4, 2);
            std::vector<float> out(rows, definition::nan);
            kernels::matvec(plain, weights.view(), x, out);
            for (std::size_t r = 0; r < rows; ++r) {
                const auto row = weights.row(r);
                long double sum = 0, magnitude = 0;
                for (std::size_t k = 0; k < columns; ++k) {
                    const long double product = static_cast<long double>(row[k]) * static_cast<long double>(x[k]);
                    sum += product, magnitude += std::abs(product);
                }
                close(out[r], sum, std::abs(sum) + 1e-6L * magnitude, 1);
            }
        }
}
