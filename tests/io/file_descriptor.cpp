// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Descriptors close themselves once.
#include <unloop/io/file_descriptor.hpp>

#include <fcntl.h>  // F_GETFD

#include <catch2/catch_test_macros.hpp>
#include <utility>

#include "scratch_folder.hpp"

namespace {
bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }
}  // namespace

TEST_CASE("a descriptor is closed at the end of its life, and moves") {
    const test::scratch_folder folder;
    test::write_file(folder.file("data"), test::byte_vector(3));
    int number = -1;
    {
        auto file = unloop::open_for_reading(folder.file("data"));
        CHECK(file.status.st_size == 3);
        number = file.descriptor.number();
        const unloop::file_descriptor moved = std::move(file.descriptor);
        CHECK(moved.number() == number);
        CHECK(is_open(number));
    }
    CHECK_FALSE(is_open(number));
}

TEST_CASE("a system error is told in words, with the file") {
    try {
        unloop::throw_system_error("some/file", "cannot be read", ENOSPC);
    } catch (const unloop::error& error) {
        CHECK(std::string(error.what()) == "some/file: cannot be read: No space left on device");
        CHECK(error.place().file == "some/file");
    }
}
