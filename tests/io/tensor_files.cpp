// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Tensors of several files as one set: where each lies, and that no name appears twice.
#include <unloop/io/tensor_files.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/io/safetensors_json.hpp>
#include <unloop/io/safetensors_writer.hpp>

#include <algorithm>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

tensor_file two_numbers(const std::string& path, const std::string& first, const std::string& second, float value) {
    safetensors::writer writer;
    const std::vector<float> one{value}, two{value + 1, value + 2};
    writer.add(first, {1, 1}, one);
    writer.add(second, {2, 1}, two);
    writer.write(path);
    return safetensors::open(path);
}

}  // namespace

TEST_CASE("tensors are found in the file that holds them") {
    const test::scratch_folder folder;
    tensor_files files(folder.path(),
                       {two_numbers(folder.file("x"), "a", "b", 1), two_numbers(folder.file("y"), "c", "d", 5)});
    CHECK(files.path() == folder.path());
    CHECK(files.tensors().size() == 4);
    CHECK(files.files().size() == 2);
    CHECK(files.path_of(files.at("b")) == folder.file("x"));
    CHECK(files.path_of(files.at("c")) == folder.file("y"));
    CHECK(files.at("d").file == 1);
    CHECK(files.find("e") == nullptr);
    CHECK_THROWS_AS(files.at("e"), error);
    std::vector<float> value(1);
    decode_row(files.weights("b"), 1, value);
    CHECK(value == std::vector<float>{3});
    decode_row(files.weights("d"), 0, value);
    CHECK(value == std::vector<float>{6});

    std::ranges::fill(files.writable(files.at("c")), std::byte{0});
    decode_row(files.weights("c"), 0, value);
    CHECK(value == std::vector<float>{0});
    CHECK(files.bytes(files.at("a"))[3] != std::byte{0});  // the same offset of the other file
}

TEST_CASE("a name in two files is refused with both") {
    const test::scratch_folder folder;
    const auto x = two_numbers(folder.file("x"), "a", "b", 1), y = two_numbers(folder.file("y"), "b", "c", 5);
    const std::string message = test::fault_of([&] { const tensor_files files(folder.path(), {x, y}); });
    CHECK(message.starts_with(folder.file("y") + ": 'b' at offset "));
    CHECK(message.ends_with("the tensor is in " + folder.file("x") + " as well"));
}
