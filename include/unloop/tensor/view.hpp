// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A view: a pointer, its extents and its strides. Everything below a public call travels as one.
#ifndef UNLOOP_TENSOR_VIEW_HPP
#define UNLOOP_TENSOR_VIEW_HPP

#include <unloop/core/expects.hpp>

#include <array>        // extents
#include <concepts>     // convertible_to
#include <cstddef>      // size_t
#include <span>         // the one-dimensional case
#include <type_traits>  // remove_const_t

namespace unloop::inline v0 {

/// `Rank` dimensions over memory that somebody else owns, row-major with a contiguous last dimension; the distance
/// between rows is free, so a view can be a band of columns. `Element` is const for read-only views.
template <class Element, std::size_t Rank>
    requires(Rank >= 1)
class view {
  public:
    using value_type = std::remove_const_t<Element>;
    static constexpr std::size_t rank = Rank;

    constexpr view() noexcept = default;

    /// Dense: `view{pointer, rows, columns}`.
    template <std::convertible_to<std::size_t>... Extents>
        requires(sizeof...(Extents) == Rank)
    constexpr view(Element* data, Extents... extents) noexcept
        : data_(data), extents_{static_cast<std::size_t>(extents)...} {
        strides_[Rank - 1] = 1;
        for (std::size_t i = Rank - 1; i > 0; --i) strides_[i - 1] = strides_[i] * extents_[i];
    }

    /// Strided; strides count elements and the last one must be 1.
    constexpr view(Element* data, std::array<std::size_t, Rank> extents, std::array<std::size_t, Rank> strides) noexcept
        : data_(data), extents_(extents), strides_(strides) {
        expects(strides[Rank - 1] == 1, "view: the last dimension must be contiguous");
    }

    constexpr operator view<const Element, Rank>() const noexcept
        requires(!std::is_const_v<Element>)
    {
        return {data_, extents_, strides_};
    }

    /// A view of one dimension goes in wherever kernels take vectors.
    constexpr operator std::span<Element>() const noexcept
        requires(Rank == 1)
    {
        return {data_, extents_[0]};
    }
    constexpr operator std::span<const Element>() const noexcept
        requires(Rank == 1 && !std::is_const_v<Element>)
    {
        return {data_, extents_[0]};
    }

    [[nodiscard]] constexpr Element* data() const noexcept { return data_; }
    [[nodiscard]] constexpr std::size_t extent(std::size_t dimension) const noexcept { return extents_[dimension]; }
    [[nodiscard]] constexpr std::size_t stride(std::size_t dimension) const noexcept { return strides_[dimension]; }
    [[nodiscard]] constexpr std::size_t rows() const noexcept { return extents_[0]; }
    [[nodiscard]] constexpr std::size_t columns() const noexcept { return extents_[Rank - 1]; }

    /// The i-th row: a span in two dimensions, a view of one dimension less above, an element in one.
    [[nodiscard]] constexpr decltype(auto) operator[](std::size_t i) const noexcept {
        Element* const first = data_ + i * strides_[0];
        if constexpr (Rank == 1) {
            return *first;
        } else if constexpr (Rank == 2) {
            return std::span<Element>(first, extents_[1]);
        } else {
            std::array<std::size_t, Rank - 1> extents{}, strides{};
            for (std::size_t d = 1; d < Rank; ++d) extents[d - 1] = extents_[d], strides[d - 1] = strides_[d];
            return view<Element, Rank - 1>(first, extents, strides);
        }
    }

    /// Rows [first, first + count).
    [[nodiscard]] constexpr view rows(std::size_t first, std::size_t count) const noexcept {
        view part = *this;
        part.data_ += first * strides_[0];
        part.extents_[0] = count;
        return part;
    }

    /// Columns [first, first + count) of every row.
    [[nodiscard]] constexpr view columns(std::size_t first, std::size_t count) const noexcept {
        view part = *this;
        part.data_ += first;
        part.extents_[Rank - 1] = count;
        return part;
    }

  private:
    Element* data_ = nullptr;
    std::array<std::size_t, Rank> extents_{};
    std::array<std::size_t, Rank> strides_{};
};

template <class Element, std::convertible_to<std::size_t>... Extents>
view(Element*, Extents...) -> view<Element, sizeof...(Extents)>;

using matrix_view = view<float, 2>;              ///< [rows, columns], writable
using const_matrix_view = view<const float, 2>;  ///< [rows, columns], read-only

}  // namespace unloop::inline v0

#endif
