// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The tensors of a file, whatever its format: look-up, bytes and weights.
#include <unloop/io/tensor_file.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <unloop/io/read_array.hpp>
#include <vector>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using unloop::number_format;
using unloop::stored_tensor;
using unloop::tensor_file;

namespace {
/// 24 floats 0 .. 23, 4 bytes into the file.
tensor_file example(const test::scratch_folder& folder, std::vector<stored_tensor> tensors) {
    std::vector<float> values(24);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
    test::byte_vector bytes(4);
    const auto data = std::as_bytes(std::span(values));
    bytes.insert(bytes.end(), data.begin(), data.end());
    test::write_file(folder.file("data"), bytes);
    return {unloop::mapped_file(folder.file("data")), std::move(tensors)};
}
}  // namespace

TEST_CASE("the last dimension becomes columns and the others rows") {
    const test::scratch_folder folder;
    const auto file = example(folder, {{"cube", {2, 3, 4}, "F32", number_format::f32, 4, 96},
                                       {"matrix", {6, 4}, "F32", number_format::f32, 4, 96},
                                       {"vector", {24}, "F32", number_format::f32, 4, 96},
                                       {"scalar", {}, "F32", number_format::f32, 8, 4}});
    const auto cube = file.weights("cube");
    CHECK(cube.rows == 6);
    CHECK(cube.columns == 4);
    CHECK(cube.row_stride == 16);
    std::vector<float> row(4);
    unloop::decode_row(cube, 5, row);
    CHECK(row == std::vector<float>{20, 21, 22, 23});
    CHECK(file.weights("matrix").rows == 6);
    CHECK(file.weights("vector").rows == 1);
    CHECK(file.weights("vector").columns == 24);
    CHECK(unloop::read_floats(file, "scalar").values == std::vector<float>{1});
    CHECK(unloop::read_floats(file, "cube").values == unloop::read_floats(file, "vector").values);
}

TEST_CASE("tensors are found by name, and a missing one is named") {
    const test::scratch_folder folder;
    const auto file = example(folder, {{"a", {4}, "F32", number_format::f32, 4, 16}, {"b", {4}, "I32", {}, 20, 16}});
    CHECK(file.find("b") == &file.tensors()[1]);
    CHECK(file.find("c") == nullptr);
    CHECK(test::fault_of([&] { (void)file.at("c"); }) == folder.file("data") + ": 'c': there is no such tensor");
    CHECK_THROWS_AS(example(folder, {{"a", {1}, "I8", {}, 0, 1}, {"a", {1}, "I8", {}, 1, 1}}), unloop::error);
}

TEST_CASE("edits in memory show through every view, and copies share them") {
    const test::scratch_folder folder;
    auto file = example(folder, {{"a", {24}, "F32", number_format::f32, 4, 96}});
    const auto copy = file;
    const float value = 7;
    std::memcpy(file.writable(file.at("a")).data() + 8, &value, sizeof value);
    CHECK(unloop::read_floats(copy, "a").values[2] == 7);
    CHECK(copy.find("a") != file.find("a"));
}
