// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random weights of any format, as bytes.
#ifndef UNLOOP_LAWS_RANDOM_WEIGHTS_HPP
#define UNLOOP_LAWS_RANDOM_WEIGHTS_HPP

#include <unloop/core/random.hpp>
#include <unloop/tensor/format.hpp>

#include <cstddef>  // byte, size_t
#include <cstdint>  // uint64_t
#include <cstring>  // memcpy
#include <vector>   // memory

namespace laws::detail {

/// Values in [-size, size); of formats with blocks random codes whose scales are in it.
template <class Format>
std::vector<std::byte> some_weights(std::size_t values, std::uint64_t seed, double size = 1) {
    std::vector<std::byte> bytes(values / Format::block_values * Format::block_bytes);
    unloop::random_sequence random(seed, values);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    for (std::size_t at = 0; at < bytes.size(); at += Format::block_bytes) {
        const auto value = static_cast<float>(size * (2 * random.uniform() - 1));
        if constexpr (Format::block_values == 1) {
            const auto stored = static_cast<typename Format::stored>(value);
            std::memcpy(bytes.data() + at, &stored, sizeof stored);
        }
        for (const std::size_t offset : Format::scale_offsets) {
            const unloop::float16 scale(value);
            std::memcpy(bytes.data() + at + offset, &scale, sizeof scale);
        }
    }
    return bytes;
}

}  // namespace laws::detail

#endif
