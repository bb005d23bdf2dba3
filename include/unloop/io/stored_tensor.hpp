// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// One tensor of a file: what it is called, what it is made of and where it lies, whatever the file's format.
#ifndef UNLOOP_IO_STORED_TENSOR_HPP
#define UNLOOP_IO_STORED_TENSOR_HPP

#include <unloop/tensor/format.hpp>

#include <cstdint>   // uint64_t
#include <limits>    // largest product
#include <optional>  // formats that cannot be computed with
#include <span>      // shape
#include <string>    // names
#include <vector>    // shape

namespace unloop::inline v0 {

struct stored_tensor {
    std::string name;
    std::vector<std::uint64_t> shape;     ///< row-major, last dimension contiguous; empty: one value
    std::string type_name;                ///< as the file's format calls it: "Q4_K", "BF16", "I32"
    std::optional<number_format> format;  ///< empty: can be looked at and copied, not computed with
    std::uint64_t offset = 0;             ///< from the start of the file
    std::uint64_t bytes = 0;
    std::size_t file = 0;  ///< which file, in a checkpoint of several
};

/// Product of the dimensions; empty when even the product of those that are not 0 exceeds 2^63 - 1, so that no partial
/// product of a shape that passed can overflow.
[[nodiscard]] inline std::optional<std::uint64_t> count_values(std::span<const std::uint64_t> shape) noexcept {
    std::uint64_t product = 1;
    bool empty = false;
    for (const std::uint64_t extent : shape) {
        if (extent == 0) empty = true;
        if (extent > 0 && product > (std::numeric_limits<std::uint64_t>::max() >> 1) / extent) return std::nullopt;
        if (extent > 0) product *= extent;
    }
    return empty ? 0 : product;
}

}  // namespace unloop::inline v0

#endif
