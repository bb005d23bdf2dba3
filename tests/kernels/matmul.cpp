// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// matmul against matvec, bit for bit, with padded inputs and outputs.
#include <unloop/kernels/matmul.hpp>

#include <catch2/catch_template_test_macros.hpp>

#include "definition.hpp"
#include "weights.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEMPLATE_TEST_CASE("matmul is matvec for every row of the batch, and writes nowhere else", "", f32, f16, bf16, q4_1,
                   q8_0) {
    for (std::size_t rows = 0; rows <= 5; ++rows)
        for (std::size_t batch = 0; batch <= 6; ++batch) {
            const std::size_t columns = 96, padding = 3;
            const random_weights<TestType> weights(rows, columns, rows);
            const definition::vector x(batch * (columns + padding), 1, 2);
            const const_matrix_view inputs(x.values().data(), {batch, columns}, {columns + padding, 1});
            std::vector<float> memory(batch * (rows + padding), 77.0F), single(rows);
            kernels::matmul(plain, weights.view(), inputs,
                            matrix_view(memory.data(), {batch, rows}, {rows + padding, 1}));
            for (std::size_t b = 0; b < batch; ++b) {
                kernels::matvec(plain, weights.view(), inputs[b], single);
                for (std::size_t r = 0; r < rows; ++r) REQUIRE(memory[b * (rows + padding) + r] == single[r]);
                for (std::size_t p = 0; p < padding; ++p) REQUIRE(memory[b * (rows + padding) + rows + p] == 77.0F);
            }
        }
}
