// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Whole tensors of a file as vectors of plain numbers: for small ones, and for tests.
#ifndef UNLOOP_IO_READ_ARRAY_HPP
#define UNLOOP_IO_READ_ARRAY_HPP

#include <unloop/io/tensor_file.hpp>

#include <cstdint>  // int32_t
#include <cstring>  // memcpy
#include <vector>   // values

namespace unloop::inline v0 {

template <class Number>
struct stored_array {
    std::vector<std::uint64_t> shape;  ///< row-major
    std::vector<Number> values;
};

/// Any format that can be computed with, widened to float32. Throws `error` on a missing tensor or another type.
[[nodiscard]] inline stored_array<float> read_floats(const tensor_file& file, std::string_view name) {
    const stored_tensor& tensor = file.at(name);
    const weight_view weights = file.weights(tensor);
    stored_array<float> array{tensor.shape, std::vector<float>(weights.rows * weights.columns)};
    if (weights.empty()) return array;  // a shape without values may still claim 2^62 rows
    for (std::size_t i = 0; i < weights.rows; ++i)
        decode_row(weights, i, std::span(array.values).subspan(i * weights.columns, weights.columns));
    return array;
}

/// A tensor of type I32. Throws `error` on a missing tensor or another type.
[[nodiscard]] inline stored_array<std::int32_t> read_ints(const tensor_file& file, std::string_view name) {
    const stored_tensor& tensor = file.at(name);
    if (tensor.type_name != "I32")
        throw error({file.path(), tensor.name, tensor.offset}, "is of type " + tensor.type_name + ", I32 is needed");
    stored_array<std::int32_t> array{tensor.shape, std::vector<std::int32_t>(tensor.bytes / sizeof(std::int32_t))};
    if (tensor.bytes > 0) std::memcpy(array.values.data(), file.bytes(tensor).data(), tensor.bytes);
    return array;
}

}  // namespace unloop::inline v0

#endif
