// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Mapping: what is read, that edits stay private, and what is refused.
#include <unloop/io/mapped_file.hpp>

#include <sys/stat.h>  // mkfifo

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>
#include <vector>

#include "scratch_folder.hpp"

TEST_CASE("a mapped file shows the bytes of the file") {
    const test::scratch_folder folder;
    test::byte_vector written(10000);
    for (std::size_t i = 0; i < written.size(); ++i) written[i] = static_cast<std::byte>(i * 7);
    test::write_file(folder.file("data"), written);
    const unloop::mapped_file file(folder.file("data"));
    CHECK(file.path() == folder.file("data"));
    CHECK(std::ranges::equal(file.bytes(), written));
}

TEST_CASE("writing to a mapped file is seen by its copies and never reaches the file") {
    const test::scratch_folder folder;
    const test::byte_vector written(9000, std::byte{1});
    test::write_file(folder.file("data"), written);
    std::optional<unloop::mapped_file> first(folder.file("data"));
    const unloop::mapped_file second = *first;
    first->writable()[8999] = std::byte{2};
    CHECK(second.bytes()[8999] == std::byte{2});
    first.reset();
    CHECK(second.bytes()[8999] == std::byte{2});  // the mapping lives as long as the last copy
    CHECK(unloop::mapped_file(folder.file("data")).bytes()[8999] == std::byte{1});
    CHECK(test::read_file(folder.file("data")) == written);
}

TEST_CASE("a file without write permission can be mapped and edited in memory") {
    const test::scratch_folder folder;
    test::write_file(folder.file("data"), test::byte_vector(10));
    std::filesystem::permissions(folder.file("data"), std::filesystem::perms::owner_read);
    unloop::mapped_file file(folder.file("data"));
    file.writable()[0] = std::byte{9};
    CHECK(file.bytes()[0] == std::byte{9});
}

TEST_CASE("what is no file with bytes in it is refused by name") {
    const test::scratch_folder folder;
    test::write_file(folder.file("empty"), {});
    REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
    const auto message = [](const std::string& path) -> std::string {
        try {
            const unloop::mapped_file file(path);
            return "mapped";
        } catch (const unloop::error& error) {
            CHECK(error.place().file == path);
            return error.what();
        }
    };
    CHECK(message(folder.file("empty")) == folder.file("empty") + ": is empty");
    CHECK(message(folder.path()) == folder.path() + ": is a folder, not a file");
    CHECK(message(folder.file("pipe")) == folder.file("pipe") + ": is not a regular file");
    CHECK(message(folder.file("missing")) ==
          folder.file("missing") + ": cannot be opened for reading: No such file or directory");
}

TEST_CASE("a file larger than memory can be mapped, read and edited in places") {
    const test::scratch_folder folder;
    const std::uintmax_t size = std::uintmax_t{64} << 30;
    test::write_file(folder.file("large"), test::byte_vector(1));
    std::error_code refused;
    std::filesystem::resize_file(folder.file("large"), size, refused);  // takes no blocks on disk
    if (refused) SKIP("this file system has no files with holes of 64 GiB: " << refused.message());
    unloop::mapped_file file(folder.file("large"));
    REQUIRE(file.bytes().size() == size);
    CHECK(file.bytes()[size - 1] == std::byte{0});
    file.writable()[size / 2] = std::byte{1};
    CHECK(file.bytes()[size / 2] == std::byte{1});
}
