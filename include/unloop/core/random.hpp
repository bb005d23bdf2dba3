// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: a pure function of (seed, stream, step), equal on every platform and in any order of
// use.
#ifndef UNLOOP_CORE_RANDOM_HPP
#define UNLOOP_CORE_RANDOM_HPP

#include <cstdint>  // uint64_t

namespace unloop::inline v0 {

/// Mixes 64 bits so that every input bit reaches every output bit (the finaliser of SplitMix64: Steele, Lea, Flood,
/// "Fast splittable pseudorandom number generators", OOPSLA 2014).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
}

/// 64 random bits for `step` of `stream` under `seed`. A row's own id is its stream, so its samples do not depend on
/// which rows share its batch.
[[nodiscard]] constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream,
                                                  std::uint64_t step) noexcept {
    constexpr std::uint64_t golden_gamma = 0x9E3779B97F4A7C15U;
    std::uint64_t state = mix_bits(seed + golden_gamma);
    state = mix_bits(state ^ (stream * golden_gamma + golden_gamma));
    return mix_bits(state ^ (step * golden_gamma + golden_gamma));
}

/// Uniform in [0, 1), a multiple of 2^-53.
[[nodiscard]] constexpr double random_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t step) noexcept {
    return static_cast<double>(random_bits(seed, stream, step) >> 11) * 0x1.0p-53;
}

/// A sequence over the functions above, for places that draw a varying number of values. Not a distribution of the
/// standard library on purpose: those differ between implementations.
class random_sequence {
  public:
    constexpr explicit random_sequence(std::uint64_t seed, std::uint64_t stream = 0) noexcept
        : seed_(seed), stream_(stream) {}
    [[nodiscard]] constexpr double uniform() noexcept { return random_uniform(seed_, stream_, step_++); }
    /// Uniform in [0, count), count > 0. The bias is below count / 2^53.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t count) noexcept {
        return static_cast<std::uint64_t>(uniform() * static_cast<double>(count));
    }

  private:
    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t step_ = 0;
};

}  // namespace unloop::inline v0

#endif
