// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A matrix type of one's own becomes weights, input and output of a kernel; nothing is copied.
#include <unloop/kernels/matmul.hpp>
#include <unloop/tensor/traits.hpp>

#include <laws/tensor.hpp>

#include <iostream>
#include <vector>

// [matrix]
namespace my {

/// Row-major, every row padded to a multiple of four floats.
class matrix {
  public:
    matrix(std::size_t rows, std::size_t columns)
        : rows_(rows), columns_(columns), pitch_((columns + 3) / 4 * 4), memory_(rows * pitch_) {}

    float* ptr() { return memory_.data(); }
    const float* ptr() const { return memory_.data(); }
    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }
    std::size_t pitch() const { return pitch_; }
    float& operator()(std::size_t r, std::size_t c) { return memory_[r * pitch_ + c]; }

  private:
    std::size_t rows_, columns_, pitch_;
    std::vector<float> memory_;
};

}  // namespace my
// [/matrix]

// [trait]
template <>
struct unloop::tensor_traits<my::matrix> {
    static auto view(my::matrix& m) { return matrix_view(m.ptr(), {m.rows(), m.columns()}, {m.pitch(), 1}); }
    static auto view(const my::matrix& m) {
        return const_matrix_view(m.ptr(), {m.rows(), m.columns()}, {m.pitch(), 1});
    }
};
// [/trait]

int main() {
    my::matrix weights(2, 3), inputs(1, 3), outputs(1, 2);
    for (std::size_t k = 0; k < 3; ++k) {
        weights(0, k) = 1;
        weights(1, k) = static_cast<float>(k);
        inputs(0, k) = 10;
    }
    // [use]
    const auto as_weights = unloop::as_weights(unloop::as_view(weights));
    unloop::kernels::matmul(unloop::reference{}, as_weights, unloop::as_view(inputs), unloop::as_view(outputs));
    // [/use]
    std::cout << outputs(0, 0) << ' ' << outputs(0, 1) << '\n';

    // [laws]
    const auto broken = laws::broken_tensor_laws(weights, {2, 3});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]
    return broken.empty() ? 0 : 1;
}
