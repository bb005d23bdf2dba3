// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Foreign tensors become views: what the library adapts itself, and a type of one's own, by the laws of tensors.
#include <unloop/tensor/traits.hpp>

#include <archetypes/tensor.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/tensor.hpp>

#include <array>   // adapted
#include <memory>  // unique_ptr
#include <vector>  // adapted

using namespace unloop;

namespace {

/// What std::mdspan with rows apart offers, a reference to its handle included.
template <class Element>
struct grid_handle {
    Element* memory;
    std::array<int, 2> extents;
    int pitch;
    static constexpr std::size_t rank() noexcept { return 2; }
    [[nodiscard]] constexpr int extent(std::size_t d) const noexcept { return extents[d]; }
    [[nodiscard]] constexpr int stride(std::size_t d) const noexcept { return d == 0 ? pitch : 1; }
    [[nodiscard]] constexpr Element* const& data_handle() const noexcept { return memory; }
};

/// Contiguous, and of more than one dimension.
struct cube : std::vector<float> {
    [[nodiscard]] static std::array<int, 3> shape() noexcept { return {1, 2, 3}; }
};

}  // namespace

static_assert(!tensor<cube>, "what knows a shape is not flattened");
static_assert(tensor<std::vector<float>>);
static_assert(tensor<const std::vector<float>&>);
static_assert(tensor<std::array<float, 3>>);
static_assert(tensor<std::span<const float>>);
static_assert(tensor<view<float, 3>>);
static_assert(tensor<archetypes::matrix>);
static_assert(!tensor<float>);
static_assert(!tensor<std::unique_ptr<float[]>>);

TEST_CASE("vectors, arrays and spans are tensors of one dimension") {
    std::vector<float> vector{1, 2, 3};
    const view<float, 1> writable = as_view(vector);
    CHECK(writable.data() == vector.data());
    CHECK(writable.rows() == 3);
    as_view(vector)[1] = 7;
    CHECK(vector[1] == 7);
    static_assert(std::is_same_v<decltype(as_view(std::as_const(vector))), view<const float, 1>>);

    std::array<int, 4> array{};
    CHECK(as_view(array).rows() == 4);
    static_assert(std::is_same_v<decltype(as_view(std::as_const(array))), view<const int, 1>>);

    const std::span<float> part = std::span(vector).subspan(1);
    CHECK(as_view(part).data() == vector.data() + 1);
    static_assert(std::is_same_v<decltype(as_view(part)), view<float, 1>>);  // a const span may write
    static_assert(std::is_same_v<decltype(as_view(std::span<const float>())), view<const float, 1>>);
    CHECK(as_view(std::vector<float>()).rows() == 0);
}

TEST_CASE("a view is its own view, whatever its strides") {
    std::vector<float> memory(12);
    const matrix_view matrix(memory.data(), {2, 3}, {5, 1});
    CHECK(as_view(matrix).data() == memory.data());
    CHECK(as_view(matrix).stride(0) == 5);
}

TEST_CASE("what is like std::mdspan is a tensor") {
    std::vector<float> memory(3 * 8);
    const grid_handle<float> grid{memory.data(), {3, 5}, 8};
    const matrix_view seen = as_view(grid);
    CHECK(seen[2].data() == memory.data() + 16);
    CHECK(seen[2].size() == 5);
    static_assert(std::is_same_v<decltype(as_view(grid_handle<const float>())), const_matrix_view>);
}

TEST_CASE("a view of one dimension goes in as a std::span") {
    std::vector<float> memory(3);
    const view<float, 1> vector = as_view(memory);
    const std::span<float> writable = vector;
    const std::span<const float> reading = vector;
    CHECK(writable.data() == memory.data());
    CHECK(reading.size() == 3);
    static_assert(!std::is_convertible_v<view<const float, 1>, std::span<float>>);
    static_assert(!std::is_convertible_v<matrix_view, std::span<float>>);
}

TEST_CASE("the library's tensors and the smallest own one keep the laws of tensors") {
    std::vector<float> vector(6);
    CHECK(laws::broken_tensor_laws(vector, {6}).empty());
    std::array<double, 4> array{};
    CHECK(laws::broken_tensor_laws(array, {4}).empty());
    std::vector<float> empty;
    CHECK(laws::broken_tensor_laws(empty, {0}).empty());
    const matrix_view strided(vector.data(), {2, 2}, {4, 1});
    CHECK(laws::broken_tensor_laws(strided, {2, 2}).empty());
    archetypes::matrix matrix(3, 5);
    CHECK(laws::broken_tensor_laws(matrix, {3, 5}).empty());
}

TEST_CASE("the laws find what is wrong") {
    archetypes::matrix matrix(3, 5);
    CHECK_FALSE(laws::broken_tensor_laws(matrix, {5, 3}).empty());
    CHECK_FALSE(laws::broken_tensor_laws(matrix, {15}).empty());
    archetypes::copying_matrix copying(3, 5);
    CHECK_FALSE(laws::broken_tensor_laws(copying, {3, 5}).empty());
    archetypes::careless_matrix careless(3, 5);
    CHECK_FALSE(laws::broken_tensor_laws(careless, {3, 5}).empty());
}
