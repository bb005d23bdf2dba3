// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of tensors as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_TENSOR_HPP
#define UNLOOP_LAWS_TENSOR_HPP

#include <unloop/tensor/traits.hpp>

#include <cstddef>      // size_t
#include <span>         // a handle
#include <string>       // names of broken laws
#include <type_traits>  // constness
#include <utility>      // as_const
#include <vector>       // what is broken, extents

namespace laws {

namespace detail {

template <class View>
inline constexpr bool is_view = false;
template <class Element, std::size_t Rank>
inline constexpr bool is_view<unloop::view<Element, Rank>> = true;

/// Types whose constness says nothing of their elements.
template <class Tensor>
inline constexpr bool is_handle = is_view<Tensor>;
template <class Element, std::size_t Extent>
inline constexpr bool is_handle<std::span<Element, Extent>> = true;

/// Addresses of all elements, in order of their indices, computed from extents and strides alone.
template <class Element, std::size_t Rank>
std::vector<Element*> addresses(const unloop::view<Element, Rank>& elements) {
    std::size_t count = 1;
    for (std::size_t d = 0; d < Rank; ++d) count *= elements.extent(d);
    std::vector<Element*> found(count);
    for (std::size_t n = 0; n < count; ++n) {
        std::size_t offset = 0, rest = n;
        for (std::size_t d = Rank; d-- > 0; rest /= elements.extent(d))
            offset += rest % elements.extent(d) * elements.stride(d);
        found[n] = elements.data() + offset;
    }
    return found;
}

}  // namespace detail

/// The broken laws of `tensor`, whose extents the caller knows to be `extents`; empty if it keeps them all. Elements
/// must be numbers, and writable; they are changed and put back.
template <class Tensor>
[[nodiscard]] std::vector<std::string> broken_tensor_laws(Tensor& tensor, const std::vector<std::size_t>& extents) {
    static_assert(unloop::tensor<Tensor>,
                  "tensor: needs tensor_traits<Tensor> with static auto view(Tensor&); see docs/concepts/tensor.md");
    using view_type = decltype(unloop::as_view(tensor));
    using const_view_type = decltype(unloop::as_view(std::as_const(tensor)));
    static_assert(detail::is_view<view_type> && detail::is_view<const_view_type>,
                  "tensor: view must return an unloop::view; see docs/concepts/tensor.md");
    std::vector<std::string> broken;
    const view_type writable = unloop::as_view(tensor);
    const const_view_type reading = unloop::as_view(std::as_const(tensor));

    bool same_extents = view_type::rank == extents.size() && const_view_type::rank == extents.size();
    for (std::size_t d = 0; same_extents && d < extents.size(); ++d)
        same_extents = writable.extent(d) == extents[d] && reading.extent(d) == extents[d];
    if (!same_extents) return {"extents: the view has the rank and extents of the tensor"};

    using element = std::remove_pointer_t<decltype(writable.data())>;
    using const_element = std::remove_pointer_t<decltype(reading.data())>;
    if constexpr (std::is_const_v<element>)
        broken.emplace_back("writing: the view of a tensor that is not const can write");
    else if constexpr (!detail::is_handle<std::remove_cv_t<Tensor>> && !std::is_const_v<const_element>)
        broken.emplace_back("constness: the view of a const tensor cannot write");

    if constexpr (!std::is_const_v<element>) {
        const auto all = detail::addresses(writable);
        const auto again = detail::addresses(unloop::as_view(tensor));
        const auto read = detail::addresses(reading);
        for (std::size_t n = 0; n < all.size(); ++n) {
            const auto kept = *all[n];
            *all[n] = static_cast<std::remove_const_t<element>>(n + 1);
            const bool seen = *again[n] == *all[n] && *read[n] == *all[n];
            *all[n] = kept;
            if (!seen || all[n] != again[n]) {
                broken.emplace_back("memory: every view of a tensor is of the same memory, the tensor's own");
                break;
            }
        }
        for (std::size_t n = 1; n < all.size(); ++n)
            if (all[n] <= all[n - 1]) {
                broken.emplace_back("order: no two indices share an element, and rows follow one another");
                break;
            }
    }
    return broken;
}

}  // namespace laws

#endif
