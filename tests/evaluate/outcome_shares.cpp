// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Shares of outcomes sum to one.
#include <unloop/evaluate/outcome_shares.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace unloop;

TEST_CASE("shares count answers and sum to one", "[outcome_shares]") {
    outcome_shares shares;
    CHECK(shares.loops() == rate{0, 0});
    for (std::size_t i = 0; i < 70; ++i) shares.add(all_outcomes[i * i % all_outcomes.size()]);
    double sum = 0;
    std::size_t count = 0;
    for (const outcome what : all_outcomes) sum += shares.share(what).value(), count += shares.share(what).count;
    CHECK(std::abs(sum - 1) < 1e-15);
    CHECK(count == 70);
    CHECK(shares.total() == 70);
    // Squares modulo 7 are 0 once and 1, 2, 4 twice in a row of seven.
    CHECK(shares.share(outcome::exact_loop) == rate{10, 70});
    CHECK(shares.share(outcome::collapse) == rate{20, 70});
    CHECK(shares.share(outcome::drift) == rate{20, 70});
    CHECK(shares.share(outcome::ended_early) == rate{20, 70});
    CHECK(shares.loops() == rate{50, 70});
}
