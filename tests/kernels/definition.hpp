// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What the tests of kernels share: the plain loops, random vectors at odd addresses, and closeness to a formula.
#ifndef UNLOOP_TESTS_KERNELS_DEFINITION_HPP
#define UNLOOP_TESTS_KERNELS_DEFINITION_HPP

#include <unloop/core/random.hpp>
#include <unloop/kernels/kernel.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>    // abs
#include <cstddef>  // size_t
#include <limits>   // infinity, NaN
#include <span>     // vectors
#include <vector>   // memory

namespace definition {

constexpr unloop::reference plain{};
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t longest = 2 * 16 + 1;  // 16 is the widest vector of any backend, in floats

/// `n` values in [-4, 4), zeros and repeats among them, `offset` floats behind an aligned address.
class vector {
  public:
    vector(std::size_t n, std::size_t offset, std::uint64_t seed) : memory_(n + offset), offset_(offset) {
        unloop::random_sequence random(seed, n * 8 + offset);
        for (float& value : memory_) value = random.below(8) == 0 ? 0.0F : static_cast<float>(8 * random.uniform() - 4);
    }
    [[nodiscard]] std::span<float> values() { return std::span(memory_).subspan(offset_); }
    [[nodiscard]] std::span<const float> values() const { return std::span(memory_).subspan(offset_); }
    operator std::span<float>() { return values(); }
    operator std::span<const float>() const { return values(); }
    float& operator[](std::size_t i) { return memory_[offset_ + i]; }
    float operator[](std::size_t i) const { return memory_[offset_ + i]; }
    [[nodiscard]] std::size_t size() const { return memory_.size() - offset_; }

  private:
    std::vector<float> memory_;
    std::size_t offset_;
};

/// Within `roundings` float32 roundings of `expected`, relative to `magnitude`.
inline void close(float actual, long double expected, long double magnitude, int roundings) {
    INFO("actual " << actual << ", expected " << static_cast<double>(expected));
    REQUIRE(std::abs(static_cast<long double>(actual) - expected) <= roundings * 0x1.0p-24L * magnitude + 1e-40L);
}
inline void close(float actual, long double expected, int roundings) {
    close(actual, expected, std::abs(expected), roundings);
}

/// Calls `check(n, offset)` for all lengths from `first` to `longest` and several offsets.
template <class Check>
void for_each_length(std::size_t first, Check check) {
    for (std::size_t n = first; n <= longest; ++n)
        for (std::size_t offset = 0; offset < 4; ++offset) check(n, offset);
}

}  // namespace definition

#endif
