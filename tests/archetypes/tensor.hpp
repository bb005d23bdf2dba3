// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest tensor types of one's own: one that does what a tensor must, and two that break its laws.
#ifndef UNLOOP_ARCHETYPES_TENSOR_HPP
#define UNLOOP_ARCHETYPES_TENSOR_HPP

#include <unloop/tensor/traits.hpp>

#include <cstddef>  // size_t
#include <memory>   // unique_ptr
#include <vector>   // copies

namespace archetypes {

/// A row-major matrix with nothing but memory: neither copied nor moved, no iterators, no size().
class matrix {
  public:
    matrix(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), memory_(std::make_unique<float[]>(rows * columns)) {}
    matrix(const matrix&) = delete;
    matrix& operator=(const matrix&) = delete;

    [[nodiscard]] float* memory() noexcept { return memory_.get(); }
    [[nodiscard]] const float* memory() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t height() const noexcept { return rows_; }
    [[nodiscard]] std::size_t width() const noexcept { return columns_; }

  private:
    std::size_t rows_, columns_;
    std::unique_ptr<float[]> memory_;
};

/// Its trait views a copy.
struct copying_matrix : matrix {
    using matrix::matrix;
};

/// Its trait forgets that the tensor is const.
struct careless_matrix : matrix {
    using matrix::matrix;
};

}  // namespace archetypes

template <>
struct unloop::tensor_traits<archetypes::matrix> {
    template <class Self>
    static auto view(Self& self) noexcept {
        return unloop::view{self.memory(), self.height(), self.width()};
    }
};

template <>
struct unloop::tensor_traits<archetypes::copying_matrix> {
    template <class Self>
    static auto view(Self& self) {
        static std::vector<float> copies[2];
        static std::size_t next = 0;
        std::vector<float>& copy = copies[next++ % 2];
        copy.assign(self.memory(), self.memory() + self.height() * self.width());
        return unloop::view{copy.data(), self.height(), self.width()};
    }
};

template <>
struct unloop::tensor_traits<archetypes::careless_matrix> {
    static auto view(const archetypes::careless_matrix& self) noexcept {
        return unloop::view{const_cast<float*>(self.memory()), self.height(), self.width()};
    }
};

#endif
