// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Roles and slots of a model's parameters, as its one visitor hands them out.
#ifndef UNLOOP_BLOCKS_PARAMETER_HPP
#define UNLOOP_BLOCKS_PARAMETER_HPP

#include <unloop/tensor/weight_view.hpp>

#include <array>        // the table
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <span>         // vectors
#include <string_view>  // names

namespace unloop::inline v0 {

/// What a parameter is for. Names in files are resolved from (role, layer) by the file's own table.
enum class parameter_role : std::uint8_t {
    embedding,
    attention_norm,
    query,
    key,
    value,
    attention_output,
    feed_forward_norm,
    gate,
    up,
    down,
    final_norm,
    head,
};

[[nodiscard]] constexpr std::string_view name_of(parameter_role role) noexcept {
    constexpr std::array<std::string_view, 12> names{
        "embedding",         "attention_norm", "query", "key",  "value",      "attention_output",
        "feed_forward_norm", "gate",           "up",    "down", "final_norm", "head"};
    return names[static_cast<std::size_t>(role)];
}

/// Extents that a parameter must have; a vector has one row.
struct parameter_shape {
    std::size_t rows = 0;
    std::size_t columns = 0;
    friend constexpr bool operator==(const parameter_shape&, const parameter_shape&) = default;
};

/// A matrix stays in the format of its file; a small vector is float32.
using matrix_parameter = weight_view;
using vector_parameter = std::span<const float>;

/// What a visitor of parameters must take: `visit(role, shape, slot)` for both kinds of slot.
template <class Visitor>
concept parameter_visitor =
    requires(Visitor& visit, parameter_role role, parameter_shape shape, matrix_parameter& m, vector_parameter& v) {
        visit(role, shape, m);
        visit(role, shape, v);
    };

}  // namespace unloop::inline v0

#endif
