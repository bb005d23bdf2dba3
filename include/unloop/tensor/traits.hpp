// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The one door for foreign tensor types: specialise `tensor_traits` and the type goes into every public call.
#ifndef UNLOOP_TENSOR_TRAITS_HPP
#define UNLOOP_TENSOR_TRAITS_HPP

#include <unloop/tensor/view.hpp>

#include <array>        // extents
#include <concepts>     // convertible_to
#include <cstddef>      // size_t
#include <span>         // contiguous ranges
#include <type_traits>  // remove_cvref_t

namespace unloop::inline v0 {

/// Specialise for a tensor type of your own with `static auto view(Tensor&)` that returns a `view` of its memory
/// (const for a const tensor). Nothing is copied; the view lives as long as the tensor.
template <class Tensor>
struct tensor_traits;

/// A view is its own view.
template <class Element, std::size_t Rank>
struct tensor_traits<view<Element, Rank>> {
    static constexpr auto view(const unloop::view<Element, Rank>& self) noexcept { return self; }
};

/// std::vector, std::array, std::span and whatever else is contiguous and knows its size: one dimension. What knows a
/// shape is not flattened: it needs a trait of its own.
template <class Tensor>
    requires(!requires(Tensor& tensor) { tensor.shape(); }) && requires(Tensor& tensor) { std::span(tensor); }
struct tensor_traits<Tensor> {
    template <class Self>
    static constexpr auto view(Self& self) noexcept {
        const std::span elements(self);
        return unloop::view{elements.data(), elements.size()};
    }
};

/// std::mdspan and what is like it: static rank(), extent(d), stride(d), data_handle(). A handle, as std::span is.
template <class Tensor>
    requires requires(const Tensor& tensor) {
        Tensor::rank();
        tensor.extent(0);
        tensor.stride(0);
        *tensor.data_handle();
    }
struct tensor_traits<Tensor> {
    static constexpr auto view(const Tensor& self) noexcept {
        using element = std::remove_pointer_t<std::remove_cvref_t<decltype(self.data_handle())>>;
        std::array<std::size_t, Tensor::rank()> extents{}, strides{};
        for (std::size_t d = 0; d < extents.size(); ++d) {
            extents[d] = static_cast<std::size_t>(self.extent(d));
            strides[d] = static_cast<std::size_t>(self.stride(d));
        }
        return unloop::view<element, Tensor::rank()>(self.data_handle(), extents, strides);
    }
};

/// Has a view, by its own trait or one of those above.
template <class Tensor>
concept tensor = requires(Tensor& tensor) { tensor_traits<std::remove_cvref_t<Tensor>>::view(tensor); };

/// The view of any tensor: `as_view(my_matrix)`. O(1), no allocation.
template <tensor Tensor>
[[nodiscard]] constexpr auto as_view(Tensor&& tensor) noexcept {
    return tensor_traits<std::remove_cvref_t<Tensor>>::view(tensor);
}

}  // namespace unloop::inline v0

#endif
