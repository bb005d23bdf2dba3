// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Which values of a site belong to which target: one rule a kind, for everything that sums over targets.
#ifndef UNLOOP_ATTRIBUTE_TARGET_ELEMENTS_HPP
#define UNLOOP_ATTRIBUTE_TARGET_ELEMENTS_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/blocks/target_site.hpp>
#include <unloop/core/target.hpp>
#include <unloop/tensor/view.hpp>

#include <concepts>  // same_as
#include <cstddef>   // size_t
#include <cstdint>   // uint8_t
#include <span>      // masks

namespace unloop::inline v0 {

// Elements of a kind are numbered within a layer, as targets are, but a target of several channels has one element a
// channel.

/// Element of the value in row `row` and column `column` at the kind's site: the column, where every target has columns
/// of its own.
template <target_type Id>
[[nodiscard]] constexpr std::size_t element_of(target_kind<Id> /*kind*/, const tap_place& /*place*/,
                                               std::size_t /*row*/, std::size_t column,
                                               std::size_t /*columns*/) noexcept {
    return column;
}
/// A column is a choice of the token.
[[nodiscard]] constexpr std::size_t element_of(target_kind<expert_id> /*kind*/, const tap_place& place, std::size_t row,
                                               std::size_t column, std::size_t columns) noexcept {
    return static_cast<std::size_t>(place.experts[row * columns + column]);
}
/// A row is a choice of the token.
[[nodiscard]] constexpr std::size_t element_of(target_kind<expert_neuron_id> /*kind*/, const tap_place& place,
                                               std::size_t row, std::size_t column, std::size_t columns) noexcept {
    return static_cast<std::size_t>(place.experts[row]) * columns + column;
}

/// Elements of one target.
template <target_type Id>
[[nodiscard]] constexpr std::size_t channels_of(target_kind<Id> /*kind*/, const tap_place& /*place*/) noexcept {
    return 1;
}
[[nodiscard]] constexpr std::size_t channels_of(target_kind<head_id> /*kind*/, const tap_place& place) noexcept {
    return place.head_size;
}

/// Calls `visit(target_kind<Id>{})` for the kinds whose targets are multiplied at `Site`.
template <class Site, class Visitor>
constexpr void for_each_kind_at(Visitor&& visit) {
    for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
        if constexpr (std::same_as<Site, typename target_site<Id>::type>) visit(kind);
    });
}

/// scores[target] += the sum over its elements in covered tokens of left * right, both as the values of the kind's
/// site; mask: by position, 1 where it counts. In double, tokens ascending.
template <target_type Id>
void add_products(target_kind<Id> kind, const tap_place& place, std::span<const std::uint8_t> mask,
                  const_matrix_view left, const_matrix_view right, std::span<double> scores) {
    const std::size_t rows_a_token = left.rows() / place.tokens.size(), channels = channels_of(kind, place);
    for (std::size_t row = 0; row < left.rows(); ++row) {
        if (mask[static_cast<std::size_t>(place.tokens[row / rows_a_token].position)] == 0) continue;
        for (std::size_t column = 0; column < left.columns(); ++column)
            scores[element_of(kind, place, row, column, left.columns()) / channels] +=
                static_cast<double>(left[row][column]) * static_cast<double>(right[row][column]);
    }
}

}  // namespace unloop::inline v0

#endif
