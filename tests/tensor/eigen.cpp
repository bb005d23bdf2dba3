// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Eigen's types keep the laws of tensors, with the memory that they have.
#include <unloop/tensor/eigen.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/tensor.hpp>

#include <string>
#include <type_traits>
#include <vector>

using namespace unloop;

namespace {

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using broken_laws = std::vector<std::string>;

static_assert(tensor<row_major>);
static_assert(tensor<const row_major&>);
static_assert(tensor<Eigen::VectorXf>);
static_assert(tensor<Eigen::Transpose<Eigen::MatrixXf>>);
static_assert(!tensor<decltype(row_major() + row_major())>, "a sum has no memory");
static_assert(!tensor<Eigen::Transpose<const decltype(row_major() + row_major())>>);
static_assert(!tensor<Eigen::DiagonalMatrix<float, 3>>);

}  // namespace

TEST_CASE("row-major matrices and arrays, maps of them and parts keep the laws of tensors") {
    row_major matrix(3, 5);
    CHECK(laws::broken_tensor_laws(matrix, {3, 5}) == broken_laws{});
    CHECK(as_view(matrix).data() == matrix.data());
    Eigen::Array<double, 2, 3, Eigen::RowMajor> array;
    array.setZero();
    CHECK(laws::broken_tensor_laws(array, {2, 3}) == broken_laws{});
    row_major empty(0, 4);
    CHECK(laws::broken_tensor_laws(empty, {0, 4}) == broken_laws{});

    std::vector<float> memory(3 * 8);
    Eigen::Map<row_major> dense(memory.data(), 3, 8);
    CHECK(laws::broken_tensor_laws(dense, {3, 8}) == broken_laws{});
    Eigen::Map<row_major, Eigen::Unaligned, Eigen::OuterStride<>> padded(memory.data() + 1, 3, 5,
                                                                         Eigen::OuterStride<>(8));
    CHECK(laws::broken_tensor_laws(padded, {3, 5}) == broken_laws{});
    CHECK(as_view(padded).stride(0) == 8);
    CHECK(as_view(padded)[2].data() == memory.data() + 17);
    auto band = matrix.middleCols(1, 3);
    CHECK(laws::broken_tensor_laws(band, {3, 3}) == broken_laws{});
    CHECK(as_view(band).stride(0) == 5);
    CHECK(as_view(matrix.middleRows(1, 2)).data() == matrix.data() + 5);
    Eigen::Ref<row_major> reference(matrix);
    CHECK(laws::broken_tensor_laws(reference, {3, 5}) == broken_laws{});
}

TEST_CASE("a column-major matrix is row-major when turned, without a copy") {
    Eigen::MatrixXf matrix(4, 3);
    matrix.setRandom();
    auto turned = matrix.transpose();
    CHECK(laws::broken_tensor_laws(turned, {3, 4}) == broken_laws{});
    CHECK(as_view(turned).data() == matrix.data());
    CHECK(as_view(turned)[1][2] == matrix(2, 1));
    as_view(matrix.transpose())[2][3] = 9;
    CHECK(matrix(3, 2) == 9);
}

TEST_CASE("vectors have one dimension, rows of row-major and columns of column-major matrices too") {
    Eigen::VectorXf column(7);
    Eigen::RowVector3d row;
    row.setZero(), column.setZero();
    CHECK(laws::broken_tensor_laws(column, {7}) == broken_laws{});
    CHECK(laws::broken_tensor_laws(row, {3}) == broken_laws{});
    row_major matrix(2, 3);
    CHECK(as_view(matrix.row(1)).data() == matrix.data() + 3);
    auto segment = column.segment(2, 4);
    CHECK(laws::broken_tensor_laws(segment, {4}) == broken_laws{});
    const std::span<const float> values = as_view(column);  // what kernels take
    CHECK(values.data() == column.data());
    CHECK(values.size() == 7);
}

TEST_CASE("what Eigen only reads, a view only reads") {
    const row_major matrix = row_major::Zero(2, 2);
    static_assert(std::is_same_v<decltype(as_view(matrix)), const_matrix_view>);
    static_assert(std::is_same_v<decltype(as_view(matrix.row(0))), view<const float, 1>>);
    static_assert(std::is_same_v<decltype(as_view(matrix.transpose().transpose())), const_matrix_view>);
    using reading = Eigen::Map<const row_major, Eigen::Unaligned, Eigen::OuterStride<>>;
    static_assert(std::is_same_v<decltype(as_view(std::declval<reading&>())), const_matrix_view>);
    static_assert(std::is_same_v<decltype(as_view(std::declval<const Eigen::Ref<const Eigen::VectorXf>&>())),
                                 view<const float, 1>>);
}
