// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Writing safetensors: what is written is read back, and a failure leaves nothing.
#include <unloop/io/safetensors_writer.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <limits>
#include <string>
#include <unloop/io/read_array.hpp>
#include <unloop/io/safetensors_json.hpp>
#include <vector>

#include "scratch_folder.hpp"

using unloop::safetensors::writer;

TEST_CASE("arrays are read back with name, shape and every bit") {
    const test::scratch_folder folder;
    const std::vector<float> floats{0.0F, -0.0F, 1.5F, std::numeric_limits<float>::infinity(), 1e-45F, -3.25e20F};
    const std::vector<std::int32_t> ints{std::numeric_limits<std::int32_t>::min(), -1, 0, 7};
    const std::string odd_name = "\u00e9 \"quoted\" \\ \n\t\x01 \u597d /";
    writer out;
    out.add("floats", {2, 3}, floats);
    out.add(odd_name, {4}, ints);
    out.add("nothing", {0, 5}, std::span<const float>());
    out.add("scalar", {}, std::span(floats).first(1));
    out.write(folder.file("out"));
    CHECK(folder.names() == std::vector<std::string>{"out"});

    const auto file = unloop::safetensors::open(folder.file("out"));
    CHECK(file.tensors().size() == 4);
    const auto read = unloop::read_floats(file, "floats");
    CHECK(read.shape == std::vector<std::uint64_t>{2, 3});
    CHECK(std::memcmp(read.values.data(), floats.data(), sizeof(float) * floats.size()) == 0);
    CHECK(unloop::read_ints(file, odd_name).values == ints);
    CHECK(file.at("nothing").shape == std::vector<std::uint64_t>{0, 5});
    CHECK(file.at("scalar").shape.empty());
    CHECK(file.at("floats").offset % 8 == 0);
}

TEST_CASE("a file without arrays is sound") {
    const test::scratch_folder folder;
    writer{}.write(folder.file("out"));
    CHECK(unloop::safetensors::open(folder.file("out")).tensors().empty());
}

TEST_CASE("writing replaces the file that was there") {
    const test::scratch_folder folder;
    test::write_file(folder.file("out"), test::byte_vector(100000));
    const std::vector<float> values{4};
    writer out;
    out.add("x", {1}, values);
    out.write(folder.file("out"));
    CHECK(unloop::read_floats(unloop::safetensors::open(folder.file("out")), "x").values == values);
}

TEST_CASE("names that a reader would refuse are refused") {
    const std::vector<float> values{4};
    writer out;
    out.add("x", {1}, values);
    CHECK_THROWS_AS(out.add("x", {1}, values), unloop::error);
    CHECK_THROWS_AS(out.add("__metadata__", {1}, values), unloop::error);
    CHECK_THROWS_AS(out.add("\xC3", {1}, values), unloop::error);
}

TEST_CASE("a folder that is not there is named") {
    const test::scratch_folder folder;
    try {
        writer{}.write(folder.file("nonesuch/out"));
        FAIL("written");
    } catch (const unloop::error& error) {
        CHECK(error.place().file == folder.file("nonesuch/out"));
    }
}
