// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Eigen's dense types as tensors: matrices, arrays, vectors, maps, references, blocks and transposes; nothing is
// copied.
#ifndef UNLOOP_TENSOR_EIGEN_HPP
#define UNLOOP_TENSOR_EIGEN_HPP

#include <unloop/core/expects.hpp>
#include <unloop/tensor/traits.hpp>

#include <Eigen/Core>

#include <cstddef>      // size_t
#include <type_traits>  // remove_const_t

namespace unloop::inline v0 {

namespace detail {

/// What is a vector when compiling has one dimension, everything else two. Rows must be contiguous: a row-major matrix
/// goes in as it is, a column-major one as its transpose.
struct eigen_trait {
    template <class Dense>
    static auto view(Dense& dense) noexcept {
        using type = std::remove_const_t<Dense>;
        using element = std::remove_pointer_t<decltype(dense.data())>;
        static_assert(type::IsVectorAtCompileTime || type::IsRowMajor,
                      "eigen: rows of a column-major matrix are not contiguous; declare it with Eigen::RowMajor, or "
                      "pass m.transpose(), which is [columns, rows]. See docs/concepts/tensor.md");
        static_assert(type::InnerStrideAtCompileTime == 1,
                      "eigen: neighbours in a row must lie side by side, with an inner stride of 1 that the type "
                      "states; copy them first. See docs/concepts/tensor.md");
        const auto rows = static_cast<std::size_t>(dense.rows()), columns = static_cast<std::size_t>(dense.cols());
        if constexpr (type::IsVectorAtCompileTime) {
            return unloop::view<element, 1>(dense.data(), rows * columns);
        } else {
            expects(rows <= 1 || dense.outerStride() >= dense.cols(), "eigen: rows must not overlap");
            return unloop::view<element, 2>(dense.data(), {rows, columns},
                                            {static_cast<std::size_t>(dense.outerStride()), 1});
        }
    }
};

/// An expression that is not evaluated has none.
template <class Dense>
concept eigen_memory = (static_cast<unsigned>(Dense::Flags) & Eigen::DirectAccessBit) != 0;

}  // namespace detail

template <class Scalar, int Rows, int Columns, int Options, int MostRows, int MostColumns>
struct tensor_traits<Eigen::Matrix<Scalar, Rows, Columns, Options, MostRows, MostColumns>> : detail::eigen_trait {};
template <class Scalar, int Rows, int Columns, int Options, int MostRows, int MostColumns>
struct tensor_traits<Eigen::Array<Scalar, Rows, Columns, Options, MostRows, MostColumns>> : detail::eigen_trait {};
template <class Plain, int Options, class Stride>
struct tensor_traits<Eigen::Map<Plain, Options, Stride>> : detail::eigen_trait {};
template <class Plain, int Options, class Stride>
struct tensor_traits<Eigen::Ref<Plain, Options, Stride>> : detail::eigen_trait {};

// Parts and transposes of those above.
template <class Of, int Rows, int Columns, bool InnerPanel>
    requires detail::eigen_memory<Eigen::Block<Of, Rows, Columns, InnerPanel>>
struct tensor_traits<Eigen::Block<Of, Rows, Columns, InnerPanel>> : detail::eigen_trait {};
template <class Of, int Size>
    requires detail::eigen_memory<Eigen::VectorBlock<Of, Size>>
struct tensor_traits<Eigen::VectorBlock<Of, Size>> : detail::eigen_trait {};
template <class Of>
    requires detail::eigen_memory<Eigen::Transpose<Of>>
struct tensor_traits<Eigen::Transpose<Of>> : detail::eigen_trait {};

}  // namespace unloop::inline v0

#endif
