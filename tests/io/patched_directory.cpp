// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Patched copies of folders: exact bytes, nothing shared with the source, nothing half-written.
#include <unloop/io/patched_directory.hpp>

#include <sys/resource.h>  // setrlimit
#include <sys/stat.h>      // mkfifo

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <filesystem>
#include <string>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

/// A folder "model" with two files and one in a subfolder.
struct small_folder {
    test::scratch_folder scratch;
    std::string source = scratch.file("model"), target = scratch.file("copy");
    small_folder() {
        std::filesystem::create_directories(source + "/notes");
        test::write_file(source + "/a.bin", test::bytes_of("0123456789"));
        test::write_file(source + "/b.bin", test::bytes_of("abcdefghij"));
        test::write_file(source + "/notes/c.txt", test::bytes_of("words"));
    }
    [[nodiscard]] std::string fault(const patches_by_file& patches, const std::string& to) const {
        return test::fault_of([&] { write_patched_directory(source, patches, to); });
    }
};

/// The working folder, for one scope.
struct working_folder {
    std::filesystem::path before = std::filesystem::current_path();
    explicit working_folder(const std::string& path) { std::filesystem::current_path(path); }
    working_folder(const working_folder&) = delete;
    working_folder& operator=(const working_folder&) = delete;
    ~working_folder() { std::filesystem::current_path(before); }
};

const patches_by_file one_byte{{"b.bin", {{3, {std::byte{'X'}}}}}};

}  // namespace

TEST_CASE("the copy of a folder differs in the patches and nowhere else") {
    const small_folder at;
    std::filesystem::permissions(at.source + "/notes", std::filesystem::perms(0750));
    std::filesystem::permissions(at.source + "/a.bin", std::filesystem::perms(0400));
    write_patched_directory(at.source, one_byte, at.target);
    CHECK(test::read_file(at.target + "/a.bin") == test::bytes_of("0123456789"));
    CHECK(test::read_file(at.target + "/b.bin") == test::bytes_of("abcXefghij"));
    CHECK(test::read_file(at.target + "/notes/c.txt") == test::bytes_of("words"));
    CHECK(test::read_file(at.source + "/b.bin") == test::bytes_of("abcdefghij"));
    CHECK(std::filesystem::status(at.target + "/notes").permissions() == std::filesystem::perms(0750));
    CHECK(std::filesystem::status(at.target + "/a.bin").permissions() == std::filesystem::perms(0400));
    CHECK(std::filesystem::status(at.target).permissions() == std::filesystem::status(at.source).permissions());
    CHECK(at.scratch.names() == std::vector<std::string>{"copy", "model"});
}

TEST_CASE("a file of the copy is another file than the source's, so that either can change in place") {
    const small_folder at;
    write_patched_directory(at.source, one_byte, at.target);
    CHECK(std::filesystem::hard_link_count(at.target + "/a.bin") == 1);
    test::write_file(at.target + "/a.bin", test::bytes_of("changed"));
    CHECK(test::read_file(at.source + "/a.bin") == test::bytes_of("0123456789"));
}

TEST_CASE("an empty folder is replaced; a trailing slash means the same") {
    const small_folder at;
    std::filesystem::create_directory(at.target);
    write_patched_directory(at.source + "/", one_byte, at.target + "/");
    CHECK(test::read_file(at.target + "/b.bin") == test::bytes_of("abcXefghij"));
    CHECK(at.scratch.names() == std::vector<std::string>{"copy", "model"});
}

TEST_CASE("links to files are followed, as a cache of downloads has them") {
    const small_folder at;
    test::write_file(at.scratch.file("blob"), test::bytes_of("behind a link"));
    std::filesystem::create_symlink("../blob", at.source + "/d.bin");
    write_patched_directory(at.source, {{"d.bin", {{0, {std::byte{'B'}}}}}}, at.target);
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(at.target + "/d.bin")));
    CHECK(test::read_file(at.target + "/d.bin") == test::bytes_of("Behind a link"));
    CHECK(test::read_file(at.scratch.file("blob")) == test::bytes_of("behind a link"));
}

TEST_CASE("what cannot be copied is refused and leaves nothing behind") {
    const small_folder at;
    CHECK(at.fault(one_byte, at.source).find("lies in the folder to be copied") != std::string::npos);
    CHECK(at.fault(one_byte, at.source + "/notes/copy").find("lies in the folder to be copied") != std::string::npos);
    CHECK(at.fault(one_byte, at.scratch.file("missing/copy")).find("no folder can be created") != std::string::npos);
    CHECK(at.fault({{"none.bin", {}}}, at.target) == at.source + "/none.bin: there is no such file");
    CHECK(at.fault({{"a.bin", {{9, {std::byte{1}, std::byte{2}}}}}}, at.target).find("beyond the end") !=
          std::string::npos);
    test::write_file(at.scratch.file("file"), test::bytes_of("x"));
    CHECK(at.fault(one_byte, at.scratch.file("file")).find("exists and is no folder") != std::string::npos);
    std::filesystem::create_directory(at.scratch.file("full"));
    test::write_file(at.scratch.file("full/file"), test::bytes_of("x"));
    CHECK(at.fault(one_byte, at.scratch.file("full")).find("exists and is not empty") != std::string::npos);
    std::filesystem::create_directory_symlink("notes", at.source + "/link");
    CHECK(at.fault(one_byte, at.target).find("is a link to a folder") != std::string::npos);
    std::filesystem::remove(at.source + "/link");
    std::filesystem::create_symlink("nowhere", at.source + "/link");
    CHECK(at.fault(one_byte, at.target).find("/link: cannot be opened") != std::string::npos);
    std::filesystem::remove(at.source + "/link");
    REQUIRE(::mkfifo((at.source + "/pipe").c_str(), 0600) == 0);
    CHECK(at.fault(one_byte, at.target).find("/pipe: is not a regular file") != std::string::npos);
    CHECK(at.scratch.names() == std::vector<std::string>{"file", "full", "model"});
}

TEST_CASE("a copy into its own source is refused by whatever path it is named") {
    const small_folder at;
    const auto lies_inside = [&](const std::string& source, const std::string& target) {
        return test::fault_of([&] { write_patched_directory(source, one_byte, target); }) ==
               target + ": lies in the folder to be copied, " + source;
    };
    {
        const working_folder inside(at.source);
        for (const std::string target : {"out", "out/", "./out", "notes/out", "../model/out"}) {
            CAPTURE(target);
            CHECK(lies_inside(at.source, target));
            CHECK(lies_inside(".", target));
            CHECK(lies_inside("../model/", target));
        }
    }
    const working_folder above(at.scratch.path());
    CHECK(lies_inside("model", "model/out"));
    CHECK(at.scratch.names() == std::vector<std::string>{"model"});
    write_patched_directory("model", one_byte, "out");
    CHECK(test::read_file(at.scratch.file("out/b.bin")) == test::bytes_of("abcXefghij"));
    std::filesystem::create_symlink("round", "round");
    CHECK(at.fault(one_byte, "round/out").find("round/out: cannot be examined: ") == 0);
}

TEST_CASE("a write that fails half-way leaves no target and no temporary folder") {
    const small_folder at;
    test::write_file(at.source + "/z.bin", test::byte_vector(1U << 20, std::byte{1}));
    struct rlimit limit;
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);  // so that the write fails instead of ending the program
    const struct rlimit small {
        200000, limit.rlim_max
    };
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string message = at.fault(one_byte, at.target);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(message.find("File too large") != std::string::npos);
    CHECK(at.scratch.names() == std::vector<std::string>{"model"});
}
