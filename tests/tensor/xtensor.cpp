// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// xtensor's types keep the laws of tensors, with the memory that they have.
#include <unloop/tensor/xtensor.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/tensor.hpp>
#include <xtensor/xadapt.hpp>

#include <array>
#include <string>
#include <type_traits>
#include <vector>

using namespace unloop;

namespace {

using broken_laws = std::vector<std::string>;

static_assert(tensor<xt::xtensor<float, 2>>);
static_assert(tensor<const xt::xtensor<float, 1>&>);
static_assert(!tensor<decltype(xt::xtensor<float, 2>() + 1.0F)>, "a sum has no memory");

}  // namespace

TEST_CASE("tensors of xtensor keep the laws of tensors, whatever the number of dimensions") {
    auto vector = xt::xtensor<float, 1>::from_shape({7});
    auto matrix = xt::xtensor<float, 2>::from_shape({3, 5});
    auto cube = xt::xtensor<double, 3>::from_shape({2, 3, 4});
    CHECK(laws::broken_tensor_laws(vector, {7}) == broken_laws{});
    CHECK(laws::broken_tensor_laws(matrix, {3, 5}) == broken_laws{});
    CHECK(laws::broken_tensor_laws(cube, {2, 3, 4}) == broken_laws{});
    CHECK(as_view(matrix).data() == matrix.data());
    matrix(2, 1) = 9;
    CHECK(as_view(matrix)[2][1] == 9);
    static_assert(std::is_same_v<decltype(as_view(std::as_const(matrix))), const_matrix_view>);
    const std::span<const float> values = as_view(vector);  // what kernels take
    CHECK(values.data() == vector.data());
}

TEST_CASE("dimensions of one element, whose stride xtensor calls 0, are dense") {
    for (const std::array<std::size_t, 2> shape : {std::array<std::size_t, 2>{1, 5}, {5, 1}, {1, 1}, {0, 3}}) {
        xt::xtensor<float, 2> matrix(shape);
        CHECK(laws::broken_tensor_laws(matrix, {shape[0], shape[1]}) == broken_laws{});
        CHECK(as_view(matrix).stride(1) == 1);
        CHECK(as_view(matrix).stride(0) >= (shape[0] > 1 ? shape[1] : 1));
    }
}

TEST_CASE("adapted memory keeps the laws of tensors, with rows apart too") {
    std::vector<float> memory(24);
    auto owner = xt::adapt(memory, std::array<std::size_t, 2>{4, 6});
    CHECK(laws::broken_tensor_laws(owner, {4, 6}) == broken_laws{});
    auto pointer = xt::adapt(memory.data() + 1, 15, xt::no_ownership(), std::array<std::size_t, 2>{3, 5});
    CHECK(laws::broken_tensor_laws(pointer, {3, 5}) == broken_laws{});
    CHECK(as_view(pointer).data() == memory.data() + 1);
    auto padded = xt::adapt(memory.data(), 15, xt::no_ownership(), std::array<std::size_t, 2>{3, 5},
                            std::array<std::size_t, 2>{8, 1});
    CHECK(laws::broken_tensor_laws(padded, {3, 5}) == broken_laws{});
    CHECK(as_view(padded).stride(0) == 8);
    const std::vector<float> constant(4, 2.0F);
    auto reading = xt::adapt(constant, std::array<std::size_t, 2>{2, 2});
    static_assert(std::is_same_v<decltype(as_view(reading)), const_matrix_view>);
    CHECK(as_view(reading)[1][1] == 2);
}
