// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Whole tensors as vectors: types are held to.
#include <unloop/io/read_array.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "scratch_folder.hpp"

TEST_CASE("integers and floats are read with their shape, and not for one another") {
    const test::scratch_folder folder;
    const std::vector<std::int32_t> ints{1, -2, 3, 4};
    const std::vector<std::uint16_t> halves{0x3F80, 0xC000};  // 1 and -2 in bfloat16
    test::byte_vector bytes(20);
    std::memcpy(bytes.data(), ints.data(), 16);
    std::memcpy(bytes.data() + 16, halves.data(), 4);
    test::write_file(folder.file("data"), bytes);
    const unloop::tensor_file file(
        unloop::mapped_file(folder.file("data")),
        {{"ints", {2, 2}, "I32", {}, 0, 16}, {"bf16", {2}, "BF16", unloop::number_format::bf16, 16, 4}});
    CHECK(unloop::read_ints(file, "ints").values == ints);
    CHECK(unloop::read_ints(file, "ints").shape == std::vector<std::uint64_t>{2, 2});
    CHECK(unloop::read_floats(file, "bf16").values == std::vector<float>{1, -2});
    CHECK_THROWS_AS(unloop::read_floats(file, "ints"), unloop::error);
    CHECK_THROWS_AS(unloop::read_ints(file, "bf16"), unloop::error);
    CHECK_THROWS_AS(unloop::read_ints(file, "nonesuch"), unloop::error);
}

TEST_CASE("a tensor without values is empty at once, however many rows it claims") {
    const test::scratch_folder folder;
    test::write_file(folder.file("data"), test::byte_vector(1));
    const unloop::tensor_file file(unloop::mapped_file(folder.file("data")),
                                   {{"none", {std::uint64_t{1} << 62, 0}, "F32", unloop::number_format::f32, 0, 0}});
    CHECK(unloop::read_floats(file, "none").values.empty());
}
