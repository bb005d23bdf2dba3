// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Atomic folders: the target is there after commit and not before.
#include <unloop/io/atomic_folder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "scratch_folder.hpp"

using test::bytes_of;

TEST_CASE("the folder appears at commit, with all that is in it and its permissions") {
    const test::scratch_folder folder;
    {
        unloop::atomic_folder made(folder.file("target"));
        test::write_file(made.path() + "/file", bytes_of("abc"));
        CHECK(folder.names().size() == 1);
        CHECK_FALSE(std::filesystem::exists(folder.file("target")));
        made.commit(0750);
    }
    CHECK(folder.names() == std::vector<std::string>{"target"});
    CHECK(test::read_file(folder.file("target/file")) == bytes_of("abc"));
    CHECK(std::filesystem::status(folder.file("target")).permissions() == std::filesystem::perms(0750));
}

TEST_CASE("without commit nothing is left") {
    const test::scratch_folder folder;
    {
        const unloop::atomic_folder made(folder.file("target"));
        std::filesystem::create_directories(made.path() + "/a/b");
        test::write_file(made.path() + "/a/b/file", bytes_of("abc"));
    }
    CHECK(folder.names().empty());
}

TEST_CASE("a target that came into being meanwhile is not overwritten") {
    const test::scratch_folder folder;
    {
        unloop::atomic_folder made(folder.file("target"));
        std::filesystem::create_directory(folder.file("target"));
        test::write_file(folder.file("target/other"), bytes_of("theirs"));
        CHECK_THROWS_AS(made.commit(0755), unloop::error);
    }
    CHECK(folder.names() == std::vector<std::string>{"target"});
    CHECK(test::read_file(folder.file("target/other")) == bytes_of("theirs"));
}

TEST_CASE("two folders for one target do not meet, and what a killed process left stays") {
    const test::scratch_folder folder;
    const std::string stale = ".unloop-" + std::to_string(::getpid()) + "-0.tmp";
    std::filesystem::create_directory(folder.file(stale));
    const unloop::atomic_folder first(folder.file("target")), second(folder.file("target"));
    CHECK(first.path() != second.path());
    CHECK(first.path() != folder.file(stale));
    CHECK(std::filesystem::is_empty(folder.file(stale)));
}
