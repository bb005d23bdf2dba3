// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Addresses and values of inline entities, which must be the same in every translation unit of a program.
#ifndef UNLOOP_TESTS_ODR_USE_HPP
#define UNLOOP_TESTS_ODR_USE_HPP

#include <unloop/core.hpp>
#include <unloop/kernels/dot.hpp>

#include <cstdint>  // uint64_t

struct used_entities {
    std::uint64_t (*random_function)(std::uint64_t, std::uint64_t, std::uint64_t) noexcept;
    const unloop::kernels::dot_t* kernel;
    std::uint64_t random_value;
    bool operator==(const used_entities&) const = default;
};

inline used_entities use_entities() {
    return {&unloop::random_bits, &unloop::kernels::dot, unloop::random_bits(1, 2, 3)};
}

#endif
