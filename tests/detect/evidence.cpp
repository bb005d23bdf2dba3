// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// How many tokens the default rules ask for.
#include <unloop/detect/evidence.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>  // int64_t

TEST_CASE("evidence: three copies and 96 tokens, whichever is more") {
    STATIC_CHECK(unloop::evidence_rule<unloop::graded_evidence>);
    constexpr unloop::graded_evidence rule;
    CHECK(rule(1) == 96);
    CHECK(rule(32) == 96);
    CHECK(rule(33) == 99);
    CHECK(rule(128) == 384);
    CHECK(unloop::evidence_at_cut(1) == 36);
    CHECK(unloop::evidence_at_cut(12) == 36);
    CHECK(unloop::evidence_at_cut(13) == 39);
}

TEST_CASE("shorter blocks need at least as many copies") {
    for (const auto& rule : {unloop::graded_evidence{}, unloop::evidence_at_cut})
        for (std::int64_t period = 2; period <= 512; ++period)
            CHECK(rule(period - 1) * period >= rule(period) * (period - 1));
}
