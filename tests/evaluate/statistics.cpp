// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Tests, corrections and curves against values that are known from elsewhere.
#include <unloop/evaluate/holm.hpp>
#include <unloop/evaluate/paired.hpp>
#include <unloop/evaluate/sign_flip.hpp>
#include <unloop/evaluate/signed_ranks.hpp>
#include <unloop/evaluate/survival.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace unloop;

namespace {

/// Darwin's maize, crossed minus self-fertilised, in eighths of an inch (Fisher 1935, section 17).
const std::vector<double> darwin{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

bool near(double left, double right, double tolerance = 1e-12) { return std::abs(left - right) <= tolerance; }

}  // namespace

TEST_CASE("sign flips of Darwin's maize are those that Fisher counted", "[statistics]") {
    // Section 21: 863 of the 32768 sums reach 314 on either side.
    CHECK(sign_flip_p(darwin) == 2 * 863 / 32768.0);
}

TEST_CASE("sign flips by hand", "[statistics]") {
    CHECK(sign_flip_p(std::vector<double>{1, 2, 3}) == 2 / 8.0);
    CHECK(sign_flip_p(std::vector<double>{-1, -2, -3, 0, 0}) == 2 / 8.0);
    CHECK(sign_flip_p(std::vector<double>{1, 1, -1}) == 1);
    CHECK(sign_flip_p(std::vector<double>(5, 0.1)) == 2 / 32.0);  // the sign test
    CHECK(sign_flip_p(std::vector<double>{0, 0}) == 1);
    CHECK(sign_flip_p({}) == 1);
}

TEST_CASE("signed ranks of Darwin's maize are those of R, and one difference far off does not decide", "[statistics]") {
    CHECK(near(signed_rank_p(darwin), 0.04126, 5e-6));  // wilcox.test: V = 96
    CHECK(signed_rank_p(std::vector<double>{0.1, 0.2, 0.3, 0, 40}) == 2 / 16.0);
    CHECK(signed_rank_p(std::vector<double>{-1, -2, -3, -4, -5, -900}) == 2 / 64.0);
    CHECK(signed_rank_p(std::vector<double>{1, -2, 3, -4, 5, -900}) > 0.5);
    CHECK(signed_rank_p(std::vector<double>{1, -1}) == 1);  // equal magnitudes share a rank
    CHECK(signed_rank_p({}) == 1);
}

TEST_CASE("of one side alone the direction counts", "[statistics]") {
    const sign_flip_options below{.side = tested_side::below};
    CHECK(sign_flip_p(std::vector<double>{-1, -2, -3}, below) == 1 / 8.0);
    CHECK(sign_flip_p(std::vector<double>{1, 2, 3}, below) == 1);
    CHECK(sign_flip_p(std::vector<double>{1, -1}, below) == 3 / 4.0);
    CHECK(sign_flip_p(std::vector<double>{0, 0}, below) == 1);
    // One text falls far, so that the mean does too, and eleven rise a little.
    std::vector<double> leaning{-1.2};
    for (int i = 0; i < 11; ++i) leaning.push_back(0.01 + 0.001 * i);
    CHECK(signed_rank_p(leaning) < 0.04);
    CHECK(signed_rank_p(leaning, below) > 0.98);
    CHECK(near(signed_rank_p(darwin, below), 0.98233, 5e-6));  // wilcox.test, alternative "less": 32189 of 32768
    std::vector<double> falls;
    for (const double value : darwin) falls.push_back(-value);
    CHECK(near(signed_rank_p(falls, below), 0.04126 / 2, 5e-6));
    CHECK(sign_flip_p(std::vector<double>(80, 1.0), {.side = tested_side::below, .draws = 999}) == 1);
    CHECK(sign_flip_p(std::vector<double>(80, -1.0), {.side = tested_side::below, .draws = 999}) == 1 / 1000.0);
}

TEST_CASE("drawn sign patterns come near to all of them, by their seed, and never say 0", "[statistics]") {
    const double exact = sign_flip_p(darwin), drawn = sign_flip_p(darwin, {.exact_below = 0, .draws = 40'000});
    CHECK(near(drawn, exact, 4 * std::sqrt(exact * (1 - exact) / 40'000)));
    CHECK(drawn == sign_flip_p(darwin, {.exact_below = 0, .draws = 40'000}));
    CHECK(drawn != sign_flip_p(darwin, {.exact_below = 0, .draws = 40'000, .seed = 1}));
    CHECK(sign_flip_p(std::vector<double>(80, 1.0), {.draws = 999}) == 1 / 1000.0);
}

TEST_CASE("paired differences carry the permutation test of their topics", "[statistics]") {
    std::vector<std::string> topics;
    std::vector<double> before(30), after;
    for (std::size_t i = 0; i < 30; ++i) {
        topics.push_back(std::to_string(i / 2));  // two wordings a topic, whose mean is Darwin's difference
        after.push_back(darwin[i / 2] + (i % 2 == 0 ? 5 : -5));
    }
    CHECK(compare_by_topic(before, after, topics).permutation_p == 2 * 863 / 32768.0);
}

TEST_CASE("Holm's correction by hand", "[statistics]") {
    const std::vector<double> adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
    REQUIRE(adjusted.size() == 4);
    CHECK(near(adjusted[0], 0.03));
    CHECK(near(adjusted[1], 0.06));  // 0.04, but not below the one before it
    CHECK(near(adjusted[2], 0.06));
    CHECK(near(adjusted[3], 0.02));
    CHECK(holm(std::vector<double>{0.6, 0.7}) == std::vector<double>{1, 1});
    CHECK(holm(std::vector<double>{0.2}) == std::vector<double>{0.2});
    CHECK(holm({}).empty());
}

TEST_CASE("the survival curve of the 6-MP patients is the one in the books", "[statistics]") {
    // Freireich and others, Blood 1963: weeks of remission; the second number: 1 for a relapse.
    const std::vector<lifetime> weeks{{6, true},   {6, true},   {6, true},   {6, false}, {7, true},   {9, false},
                                      {10, true},  {10, false}, {11, false}, {13, true}, {16, true},  {17, false},
                                      {19, false}, {20, false}, {22, true},  {23, true}, {25, false}, {32, false},
                                      {32, false}, {34, false}, {35, false}};
    const survival_curve curve = kaplan_meier(weeks);
    CHECK(curve.answers == 21);
    CHECK(curve.censored == 12);
    const std::vector<survival_step> known{
        {6, 21, 3, .857143, {.61972, .95155}},  {7, 17, 1, .806723, {.56315, .92281}},
        {10, 15, 1, .752941, {.50320, .88936}}, {13, 12, 1, .690196, {.43161, .84907}},
        {16, 11, 1, .627451, {.36751, .80491}}, {22, 7, 1, .537815, {.26778, .74679}},
        {23, 6, 1, .448179, {.18805, .68014}}};
    REQUIRE(curve.steps.size() == known.size());
    for (std::size_t i = 0; i < known.size(); ++i) {
        CHECK(curve.steps[i].tokens == known[i].tokens);
        CHECK(curve.steps[i].at_risk == known[i].at_risk);
        CHECK(curve.steps[i].loops == known[i].loops);
        CHECK(near(curve.steps[i].share, known[i].share, 1e-6));
        CHECK(near(curve.steps[i].range.low, known[i].range.low, 1e-5));
        CHECK(near(curve.steps[i].range.high, known[i].range.high, 1e-5));
    }
    CHECK(curve.median() == 23);
    CHECK(curve.share_at(5) == 1);
    CHECK(curve.share_at(21) == curve.steps[4].share);
}

TEST_CASE("survival without loops, with loops alone, and of nothing", "[statistics]") {
    const survival_curve none = kaplan_meier(std::vector<lifetime>{{5, false}, {9, false}});
    CHECK(none.steps.empty());
    CHECK(none.censored == 2);
    CHECK(!none.median());
    const survival_curve all = kaplan_meier(std::vector<lifetime>{{4, true}, {2, true}});
    REQUIRE(all.steps.size() == 2);
    CHECK(all.steps[0].share == 0.5);
    CHECK(all.steps[1].share == 0);
    CHECK(all.steps[1].range == interval{0, 1});
    CHECK(all.median() == 2);
    CHECK(kaplan_meier({}).answers == 0);
}
