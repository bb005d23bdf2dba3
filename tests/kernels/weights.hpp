// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random weights in any format of the table, and their values by the format's own decoding.
#ifndef UNLOOP_TESTS_KERNELS_WEIGHTS_HPP
#define UNLOOP_TESTS_KERNELS_WEIGHTS_HPP

#include <unloop/core/random.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <cstring>  // memcpy
#include <vector>   // memory

/// [rows, columns] of `Format`, with some bytes of padding behind each row.
template <class Format>
class random_weights {
  public:
    random_weights(std::size_t rows, std::size_t columns, std::uint64_t seed)
        : rows_(rows), columns_(columns), stride_(columns / Format::block_values * Format::block_bytes + 10) {
        bytes_.resize(rows * stride_);
        unloop::random_sequence random(seed);
        for (std::byte& byte : bytes_) byte = static_cast<std::byte>(random.below(256));
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t b = 0; b < columns / Format::block_values; ++b) {
                std::byte* const block = bytes_.data() + r * stride_ + b * Format::block_bytes;
                const auto value = [&] { return static_cast<float>(2 * random.uniform() - 1); };
                if constexpr (Format::block_values == 1) {
                    const auto stored = static_cast<typename Format::stored>(value());
                    std::memcpy(block, &stored, sizeof stored);
                }
                for (const std::size_t offset : Format::scale_offsets) {
                    const unloop::float16 scale(value());
                    std::memcpy(block + offset, &scale, sizeof scale);
                }
            }
    }
    [[nodiscard]] unloop::weight_view view() const { return {Format::tag, rows_, columns_, stride_, bytes_.data()}; }
    [[nodiscard]] std::vector<float> row(std::size_t r) const {
        std::vector<float> values(columns_);
        unloop::decode_row(view(), r, values);
        return values;
    }

  private:
    std::size_t rows_, columns_, stride_;
    std::vector<std::byte> bytes_;
};

#endif
