// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// weighted_sum against its formula, and its tiles against the whole.
#include <unloop/kernels/weighted_sum.hpp>

#include "definition.hpp"

using namespace unloop;
using definition::close;
using definition::plain;

TEST_CASE("weighted_sum adds weighted rows to what is there") {
    for (std::size_t columns = 0; columns <= definition::longest; ++columns)
        for (const std::size_t n : {0U, 1U, 2U, 7U}) {
            const definition::vector weights(n, 1, 1), memory(n * (columns + 3), 0, 2);
            const const_matrix_view rows(memory.values().data(), {n, columns}, {columns + 3, 1});
            definition::vector out(columns, 2, 3);
            const definition::vector before = out;
            kernels::weighted_sum(plain, weights, rows, out);
            for (std::size_t j = 0; j < columns; ++j) {
                auto sum = static_cast<long double>(before[j]), magnitude = std::abs(sum);
                for (std::size_t i = 0; i < n; ++i) {
                    const long double term =
                        static_cast<long double>(weights[i]) * static_cast<long double>(rows[i][j]);
                    sum += term, magnitude += std::abs(term);
                }
                close(out[j], sum, magnitude, static_cast<int>(2 * n + 1));
            }
        }
}

TEST_CASE("tiles of any size add up to the bits of the whole") {
    const std::size_t n = 13, columns = 21;
    const definition::vector weights(n, 0, 4), memory(n * columns, 0, 5);
    const const_matrix_view rows(memory.values().data(), n, columns);
    std::vector<float> whole(columns);
    kernels::weighted_sum(plain, weights, rows, whole);
    for (std::size_t tile = 1; tile < n; ++tile) {
        std::vector<float> tiled(columns);
        for (std::size_t first = 0; first < n; first += tile) {
            const std::size_t count = std::min(tile, n - first);
            kernels::weighted_sum(plain, weights.values().subspan(first, count), rows.rows(first, count), tiled);
        }
        CHECK(tiled == whole);
    }
}
