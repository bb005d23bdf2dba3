// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Pairing by topic: hand-made differences, exact sign test, reproducible bootstrap.
#include <unloop/evaluate/paired.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace unloop;

TEST_CASE("answers of one topic are averaged before topics are", "[paired]") {
    const std::vector<std::string> topics{"bears", "bears", "bears", "rivers", "trees", "trees"};
    const std::vector<double> before{1, 1, 1, 1, 0, 1}, after{0, 0, 1, 1, 1, 1};
    const paired_difference result = compare_by_topic(before, after, topics);
    CHECK(result.topics == 3);
    CHECK(result.lowered == 1);  // bears, -2/3
    CHECK(result.raised == 1);   // trees, +1/2
    CHECK(std::abs(result.mean - (-2.0 / 3 + 0 + 0.5) / 3) < 1e-12);
    CHECK(result.sign_test_p == 1.0);
    const std::vector<topic_pair> by_topic{{"bears", 1, 1.0 / 3}, {"rivers", 1, 1}, {"trees", 0.5, 1}};
    CHECK(result.by_topic == by_topic);
}

TEST_CASE("the sign test is that of fair coins", "[paired]") {
    const auto p_of = [](std::size_t lowered, std::size_t raised) {
        std::vector<std::string> topics;
        std::vector<double> before, after;
        for (std::size_t i = 0; i < lowered + raised; ++i) {
            topics.push_back(std::to_string(i));
            before.push_back(1);
            after.push_back(i < lowered ? 0 : 2);
        }
        return compare_by_topic(before, after, topics).sign_test_p;
    };
    CHECK(std::abs(p_of(0, 5) - 2.0 / 32) < 1e-12);
    CHECK(std::abs(p_of(5, 0) - 2.0 / 32) < 1e-12);
    CHECK(std::abs(p_of(1, 7) - 2.0 * (1 + 8) / 256) < 1e-12);
    CHECK(p_of(4, 4) == 1.0);
    CHECK(std::abs(p_of(2, 18) - 2.0 * (1 + 20 + 190) / 1048576) < 1e-12);
}

TEST_CASE("the bootstrap holds the mean, is reproducible, and shrinks to a point without spread", "[paired]") {
    std::vector<std::string> topics;
    std::vector<double> before(40, 0), after;
    for (int i = 0; i < 40; ++i) topics.push_back(std::to_string(i)), after.push_back(i % 4 + 0.001 * i);
    const paired_difference first = compare_by_topic(before, after, topics, {.seed = 7});
    CHECK(first.bootstrap == compare_by_topic(before, after, topics, {.seed = 7}).bootstrap);
    CHECK(first.bootstrap != compare_by_topic(before, after, topics, {.seed = 8}).bootstrap);
    CHECK(std::abs(first.mean - 1.5195) < 1e-12);
    // Normal theory: standard error sqrt(1.25 / 40) = 0.177, so about 1.52 -+ 0.346.
    CHECK(std::abs(first.bootstrap.low - 1.173) < 0.06);
    CHECK(std::abs(first.bootstrap.high - 1.866) < 0.06);
    const std::vector<double> same(40, 0.25);
    CHECK(compare_by_topic(before, same, topics).bootstrap == interval{0.25, 0.25});
    CHECK(compare_by_topic({}, {}, {}).topics == 0);
}
