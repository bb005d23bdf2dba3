// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// xtensor's containers and adaptors as tensors: xt::xtensor and what xt::adapt makes; nothing is copied.
#ifndef UNLOOP_TENSOR_XTENSOR_HPP
#define UNLOOP_TENSOR_XTENSOR_HPP

#include <unloop/tensor/traits.hpp>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <array>        // extents
#include <cstddef>      // size_t
#include <cstdint>      // SIZE_MAX
#include <type_traits>  // remove_const_t

namespace unloop::inline v0 {

namespace detail {

/// As many dimensions as the type states. A layout that is known only when the program runs is looked at then.
struct xtensor_trait {
    template <class Tensor>
    static auto view(Tensor& tensor) noexcept {
        using type = std::remove_const_t<Tensor>;
        using element = std::remove_pointer_t<decltype(tensor.storage().data())>;
        constexpr std::size_t rank = xt::get_rank<type>::value;
        static_assert(rank != SIZE_MAX,
                      "xtensor: the number of dimensions must be part of the type; use xt::xtensor, or xt::adapt with "
                      "a std::array as shape. See docs/concepts/tensor.md");
        static_assert(rank <= 1 || type::static_layout != xt::layout_type::column_major,
                      "xtensor: rows of a column-major tensor are not contiguous; declare it with "
                      "xt::layout_type::row_major. See docs/concepts/tensor.md");
        if constexpr (rank != SIZE_MAX) {
            std::array<std::size_t, rank> extents{}, strides{};
            for (std::size_t d = rank; d-- > 0;) {
                extents[d] = static_cast<std::size_t>(tensor.shape()[d]);
                // xtensor gives a dimension of one element the stride 0.
                const std::size_t dense = d + 1 == rank ? 1 : strides[d + 1] * extents[d + 1];
                strides[d] = extents[d] <= 1 ? dense : static_cast<std::size_t>(tensor.strides()[d]);
            }
            return unloop::view<element, rank>(tensor.storage().data() + tensor.data_offset(), extents, strides);
        }
    }
};

}  // namespace detail

template <class Elements, std::size_t Rank, xt::layout_type Layout, class Tag>
struct tensor_traits<xt::xtensor_container<Elements, Rank, Layout, Tag>> : detail::xtensor_trait {};
template <class Elements, std::size_t Rank, xt::layout_type Layout, class Tag>
struct tensor_traits<xt::xtensor_adaptor<Elements, Rank, Layout, Tag>> : detail::xtensor_trait {};
template <class Elements, std::size_t Rank, xt::layout_type Layout, class Tag>
struct tensor_traits<xt::xtensor_view<Elements, Rank, Layout, Tag>> : detail::xtensor_trait {};
template <class Elements, xt::layout_type Layout, class Shape, class Tag>
struct tensor_traits<xt::xarray_container<Elements, Layout, Shape, Tag>> : detail::xtensor_trait {};
template <class Elements, xt::layout_type Layout, class Shape, class Tag>
struct tensor_traits<xt::xarray_adaptor<Elements, Layout, Shape, Tag>> : detail::xtensor_trait {};

}  // namespace unloop::inline v0

#endif
