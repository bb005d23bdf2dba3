// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Wilson intervals against their defining equation and published figures; means against hand-made sums.
#include <unloop/evaluate/rate.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

using namespace unloop;

TEST_CASE("Wilson bounds are where the score test is at 1.96", "[rate]") {
    for (std::size_t total : {1U, 5U, 72U, 1000U})
        for (std::size_t count = 0; count <= total; count += total / 5 + 1) {
            const rate measured{count, total};
            const double p = measured.value(), n = static_cast<double>(total);
            for (const double bound : {measured.wilson().low, measured.wilson().high}) {
                if ((count == 0 && bound == 0) || (count == total && bound == 1)) continue;
                CHECK(std::abs(std::abs(p - bound) / std::sqrt(bound * (1 - bound) / n) - 1.959963984540054) < 1e-9);
            }
            CHECK(measured.wilson().low <= p);
            CHECK(measured.wilson().high >= p);
        }
}

TEST_CASE("Wilson bounds of known rates", "[rate]") {
    // R 4.2: prop.test(c(8, 0), 10, correct = FALSE) and the closed form z^2 / (n + z^2) at 0.
    CHECK(std::abs(rate{8, 10}.wilson().low - 0.4901625) < 1e-6);
    CHECK(std::abs(rate{8, 10}.wilson().high - 0.9433178) < 1e-6);
    CHECK(rate{0, 10}.wilson().low == 0);
    CHECK(std::abs(rate{0, 10}.wilson().high - 3.841458820694124 / 13.841458820694124) < 1e-12);
    CHECK(rate{10, 10}.wilson().high == 1);
    CHECK(rate{}.wilson() == interval{0, 1});
    CHECK(rate{}.value() == 0);
}

TEST_CASE("averages have the mean and 1.96 standard errors on either side", "[rate]") {
    const average one = average_of(std::vector<double>{3});
    CHECK(one == average{3, {3, 3}, 1});
    CHECK(average_of({}) == average{});
    const average four = average_of(std::vector<double>{1, 2, 3, 6});
    CHECK(four.mean == 3);
    const double error = std::sqrt((4.0 + 1 + 0 + 9) / 3 / 4);
    CHECK(std::abs(four.range.high - (3 + 1.959963984540054 * error)) < 1e-12);
    CHECK(std::abs(four.range.low - (3 - 1.959963984540054 * error)) < 1e-12);
}
