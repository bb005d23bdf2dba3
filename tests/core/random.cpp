// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random numbers keep their values forever, do not depend on the order of use, and are uniform as far as counting
// tells.
#include <unloop/core/random.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>    // known values
#include <cmath>    // abs, sqrt
#include <cstddef>  // size_t
#include <set>      // no value twice
#include <vector>   // counts

namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

struct known_bits {
    std::uint64_t seed, stream, step, bits;
    double uniform;
};

// Computed with Python's whole numbers:
//     M = (1 << 64) - 1; G = 0x9E3779B97F4A7C15
//     def mix(v):
//         v = (v ^ v >> 30) * 0xBF58476D1CE4E5B9 & M
//         v = (v ^ v >> 27) * 0x94D049BB133111EB & M
//         return v ^ v >> 31
//     def bits(seed, stream, step):
//         state = mix(seed + G & M)
//         for counter in (stream, step):
//             state = mix(state ^ (counter * G + G & M))
//         return state
//     def uniform(*counters): return (bits(*counters) >> 11) / 2**53
constexpr std::array known{
    known_bits{0, 0, 0, 0xfbe988335f36c931U, 0.9840321660442114},
    known_bits{1, 2, 3, 0x4822d3c4bc9fcfa9U, 0.2817814212145314},
    known_bits{42, 0, 0, 0x6fa9fb4dda704451U, 0.4361874642440293},
    known_bits{42, 1, 0, 0xd5d972129ae8450fU, 0.8353492064879058},
    known_bits{42, 0, 1, 0x3396267c13c8f4c6U, 0.20150986222487055},
    known_bits{all_ones, all_ones, all_ones, 0x179f01f0d2fba97aU, 0.0922700131368247},
    known_bits{2026, 7, 1000000, 0x7cffee9fd00e88d9U, 0.4882802143256929},
};

/// Pearson's statistic of how often each of `cells` equal cells is hit.
template <class Draw>
double chi_square(std::size_t cells, std::size_t draws, Draw draw) {
    std::vector<double> counts(cells);
    for (std::size_t i = 0; i < draws; ++i) counts.at(draw(i)) += 1;
    const double expected = static_cast<double>(draws) / static_cast<double>(cells);
    double sum = 0;
    for (double count : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

/// Six standard deviations above the mean of a chi-square distribution.
double limit(std::size_t cells) {
    const auto degrees = static_cast<double>(cells - 1);
    return degrees + 6 * std::sqrt(2 * degrees);
}

}  // namespace

TEST_CASE("mixing gives the published outputs of SplitMix64 with seed 1234567") {
    constexpr std::array<std::uint64_t, 5> published{6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                                     4593380528125082431U, 16408922859458223821U};
    std::uint64_t state = 1234567;
    for (const std::uint64_t value : published) CHECK(unloop::mix_bits(state += 0x9E3779B97F4A7C15U) == value);
}

TEST_CASE("bits and uniform values are those of another implementation") {
    for (const known_bits& value : known) {
        CHECK(unloop::random_bits(value.seed, value.stream, value.step) == value.bits);
        CHECK(unloop::random_uniform(value.seed, value.stream, value.step) == value.uniform);
    }
    static_assert(unloop::random_bits(1, 2, 3) == 0x4822d3c4bc9fcfa9U);
}

TEST_CASE("a sequence is the counter in order, and streams are told apart") {
    unloop::random_sequence sequence(42, 1);
    for (std::uint64_t step = 0; step < 100; ++step) CHECK(sequence.uniform() == unloop::random_uniform(42, 1, step));
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        for (std::uint64_t stream = 0; stream < 20; ++stream)
            for (std::uint64_t step = 0; step < 20; ++step) seen.insert(unloop::random_bits(seed, stream, step));
    CHECK(seen.size() == 20 * 20 * 20);
}

TEST_CASE("values are uniform along steps, streams and seeds") {
    const std::size_t cells = 64, draws = 64000;
    const auto cell = [](double value) { return static_cast<std::size_t>(value * 64); };
    CHECK(chi_square(cells, draws, [&](auto i) { return cell(unloop::random_uniform(1, 0, i)); }) < limit(cells));
    CHECK(chi_square(cells, draws, [&](auto i) { return cell(unloop::random_uniform(1, i, 0)); }) < limit(cells));
    CHECK(chi_square(cells, draws, [&](auto i) { return cell(unloop::random_uniform(i, 0, 0)); }) < limit(cells));
    const auto pair = [&](auto i) {
        return 8 * static_cast<std::size_t>(8 * unloop::random_uniform(1, i, 0)) +
               static_cast<std::size_t>(8 * unloop::random_uniform(1, i, 1));
    };
    CHECK(chi_square(cells, draws, pair) < limit(cells));
}

TEST_CASE("below(count) stays below and reaches every value") {
    for (const std::uint64_t count : {1U, 2U, 7U, 64U, 1000U}) {
        unloop::random_sequence random(9, count);
        const auto draws = static_cast<std::size_t>(count) * 100;
        const double statistic = chi_square(static_cast<std::size_t>(count), draws, [&](std::size_t) {
            const std::uint64_t value = random.below(count);
            REQUIRE(value < count);
            return static_cast<std::size_t>(value);
        });
        if (count > 1) CHECK(statistic < limit(static_cast<std::size_t>(count)));
    }
}
