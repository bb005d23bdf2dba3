// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Atomic files: the target changes at commit and not before.
#include <unloop/io/atomic_file.hpp>

#include <sys/stat.h>  // mkfifo, umask

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using test::bytes_of;

TEST_CASE("the target appears at commit, whole") {
    const test::scratch_folder folder;
    test::write_file(folder.file("target"), bytes_of("old"));
    {
        unloop::atomic_file file(folder.file("target"));
        file.write_at(3, bytes_of("def"));
        file.write_at(0, bytes_of("abc"));
        CHECK((test::read_file(folder.file("target")) == bytes_of("old")));
        CHECK(folder.names().size() == 2);
        file.commit();
        CHECK((test::read_file(folder.file("target")) == bytes_of("abcdef")));
    }
    CHECK(folder.names() == std::vector<std::string>{"target"});
}

TEST_CASE("without commit the target stays, and the temporary file goes") {
    const test::scratch_folder folder;
    test::write_file(folder.file("target"), bytes_of("old"));
    { unloop::atomic_file(folder.file("target")).write_at(0, bytes_of("new")); }
    CHECK((test::read_file(folder.file("target")) == bytes_of("old")));
    CHECK(folder.names() == std::vector<std::string>{"target"});
}

TEST_CASE("two files for one target do not meet before they are committed") {
    const test::scratch_folder folder;
    unloop::atomic_file first(folder.file("target"));
    unloop::atomic_file second(folder.file("target"));
    first.write_at(0, bytes_of("first"));
    second.write_at(0, bytes_of("second"));
    second.commit();
    first.commit();
    CHECK((test::read_file(folder.file("target")) == bytes_of("first")));
}

TEST_CASE("a folder that comes into the way is not replaced") {
    const test::scratch_folder folder;
    {
        unloop::atomic_file file(folder.file("target"));
        std::filesystem::create_directory(folder.file("target"));
        CHECK_THROWS_AS(file.commit(), unloop::error);
    }
    CHECK(std::filesystem::is_directory(folder.file("target")));
    CHECK(folder.names() == std::vector<std::string>{"target"});
}

TEST_CASE("a pipe is not replaced, nor a link to one; what links to a file or nowhere is") {
    const test::scratch_folder folder;
    REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
    std::filesystem::create_symlink("pipe", folder.file("link"));
    for (const std::string name : {"pipe", "link"})
        CHECK(test::fault_of([&] { unloop::atomic_file(folder.file(name)).commit(); }) ==
              folder.file(name) + ": is no regular file, a file cannot take its place");
    CHECK(std::filesystem::is_fifo(folder.file("pipe")));
    CHECK(std::filesystem::is_symlink(folder.file("link")));
    CHECK(folder.names() == std::vector<std::string>{"link", "pipe"});

    test::write_file(folder.file("file"), bytes_of("old"));
    std::filesystem::create_symlink("file", folder.file("to_file"));
    std::filesystem::create_symlink("missing", folder.file("to_nothing"));
    for (const std::string name : {"to_file", "to_nothing"}) {
        unloop::atomic_file(folder.file(name)).commit();
        CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder.file(name))));
    }
}

TEST_CASE("a new file has the permissions that the process gives to its files") {
    const test::scratch_folder folder;
    const mode_t before = ::umask(027);
    unloop::atomic_file file(folder.file("target"));
    ::umask(before);
    file.commit();
    struct stat status;
    REQUIRE(::stat(folder.file("target").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0640U);
}
