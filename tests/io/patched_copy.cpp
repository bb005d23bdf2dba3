// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Patched copies: exact bytes, and nothing lost or left behind when the system refuses.
#include <unloop/io/patched_copy.hpp>

#include <sys/resource.h>  // setrlimit
#include <sys/stat.h>      // stat
#include <unistd.h>        // link

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <string>
#include <unloop/core/random.hpp>
#include <vector>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using unloop::byte_patch;
using unloop::write_patched_copy;

namespace {

test::byte_vector random_bytes(std::size_t count, std::uint64_t seed) {
    test::byte_vector bytes(count);
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(unloop::random_bits(seed, 0, i));
    return bytes;
}

std::string fault_of_copy(const std::string& source, const std::vector<byte_patch>& patches,
                          const std::string& target) {
    return test::fault_of([&] { write_patched_copy(source, patches, target); });
}

mode_t mode_of(const std::string& path) {
    struct stat status;
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a patched copy differs in the patches and nowhere else") {
    const test::scratch_folder folder;
    for (const std::size_t size : {1U, 4096U, 100003U, 3U << 20}) {
        const auto source = random_bytes(size, size);
        test::write_file(folder.file("source"), source);
        std::vector<byte_patch> patches{{size - 1, {std::byte{1}}}, {size / 2, {}}};
        if (size > 50) patches.push_back({0, random_bytes(40, 1)});
        if (size > 50) patches.push_back({40, random_bytes(3, 2)});  // adjacent is not overlapping
        write_patched_copy(folder.file("source"), patches, folder.file("target"));
        auto expected = source;
        for (const auto& patch : patches)
            std::copy(patch.bytes.begin(), patch.bytes.end(),
                      expected.begin() + static_cast<std::ptrdiff_t>(patch.offset));
        CHECK((test::read_file(folder.file("target")) == expected));
        CHECK((test::read_file(folder.file("source")) == source));
        CHECK(folder.names() == std::vector<std::string>{"source", "target"});
    }
}

TEST_CASE("plain copying gives the same bytes as the system's, from any point on") {
    const test::scratch_folder folder;
    const auto source = random_bytes((2U << 20) + 17, 5);
    test::write_file(folder.file("source"), source);
    const auto from = unloop::open_for_reading(folder.file("source"));
    unloop::no_progress silent;
    for (const std::uint64_t done : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{source.size()}}) {
        unloop::atomic_file to(folder.file("target"));
        to.write_at(0, std::span(source).first(done));
        unloop::detail::copy_plainly(folder.file("source"), from.descriptor.number(), to, done, source.size(), silent);
        to.commit();
        CHECK((test::read_file(folder.file("target")) == source));
    }
    unloop::atomic_file to(folder.file("target"));
    CHECK_THROWS_AS(unloop::detail::copy_plainly(folder.file("source"), from.descriptor.number(), to, 0,
                                                 source.size() + 1, silent),  // as if the file had been shortened
                    unloop::error);
}

TEST_CASE("a copy tells how far it is, and one that is stopped leaves nothing behind") {
    const test::scratch_folder folder;
    const auto source = random_bytes((2U << 20) + 17, 6);
    test::write_file(folder.file("source"), source);
    const auto from = unloop::open_for_reading(folder.file("source"));
    std::vector<std::int64_t> told;
    const auto listen = [&](const unloop::progress_event& event) {
        CHECK(event.total == 3);  // megabytes begun
        told.push_back(event.done);
        return told.size() < 3;
    };
    {
        unloop::atomic_file to(folder.file("target"));
        CHECK_THROWS_AS(
            unloop::detail::copy_plainly(folder.file("source"), from.descriptor.number(), to, 0, source.size(), listen),
            unloop::error);
    }
    CHECK(told == std::vector<std::int64_t>{0, 1, 2});
    CHECK(folder.names() == std::vector<std::string>{"source"});
    // Where the system shares blocks there is nothing to tell; else the whole copy listens to the sink.
    bool asked = false;
    const auto stop = [&](const unloop::progress_event&) { return asked = true, false; };
    try {
        write_patched_copy(folder.file("source"), {}, folder.file("target"), stop);
        CHECK_FALSE(asked);
    } catch (const unloop::error& error) {
        CHECK(std::string(error.what()).find("cancelled") != std::string::npos);
        CHECK(folder.names() == std::vector<std::string>{"source"});
    }
}

TEST_CASE("permissions are those of the source, also over an existing target") {
    const test::scratch_folder folder;
    test::write_file(folder.file("source"), random_bytes(10, 1));
    for (const mode_t mode : {0444U, 0640U, 0755U}) {
        REQUIRE(::chmod(folder.file("source").c_str(), mode) == 0);
        write_patched_copy(folder.file("source"), {}, folder.file("target"));
        CHECK(mode_of(folder.file("target")) == mode);
    }
}

TEST_CASE("patches outside the file or over each other are refused") {
    const test::scratch_folder folder;
    test::write_file(folder.file("source"), random_bytes(100, 1));
    const auto refused = [&](std::vector<byte_patch> patches) {
        return fault_of_copy(folder.file("source"), patches, folder.file("target"));
    };
    const std::string file = folder.file("source");
    CHECK(refused({{100, {std::byte{1}}}}) == file + ": at offset 100: a patch goes beyond the end of the file");
    CHECK(refused({{~std::uint64_t{0}, {std::byte{1}, std::byte{2}}}}) != "none");
    CHECK(refused({{10, random_bytes(5, 1)}, {7, random_bytes(4, 1)}}) == file + ": at offset 10: two patches overlap");
    CHECK(refused({{10, random_bytes(5, 1)}, {10, random_bytes(5, 1)}}) != "none");
    CHECK(folder.names() == std::vector<std::string>{"source"});
}

TEST_CASE("a copy onto the source itself is refused, whatever it is called") {
    const test::scratch_folder folder;
    const auto source = random_bytes(100, 1);
    test::write_file(folder.file("source"), source);
    REQUIRE(::link(folder.file("source").c_str(), folder.file("hard").c_str()) == 0);
    REQUIRE(::symlink("source", folder.file("soft").c_str()) == 0);
    const std::string roundabout = "../" + std::filesystem::path(folder.path()).filename().string() + "/source";
    for (const std::string& name : {std::string("source"), roundabout, std::string("hard"), std::string("soft")})
        CHECK(fault_of_copy(folder.file("source"), {{0, {std::byte{1}}}}, folder.file(name)).find("another name") !=
              std::string::npos);
    CHECK((test::read_file(folder.file("source")) == source));
    CHECK(folder.names() == std::vector<std::string>{"hard", "soft", "source"});
}

TEST_CASE("a target that cannot be written leaves everything as it was") {
    const test::scratch_folder folder;
    test::write_file(folder.file("source"), random_bytes(100, 1));
    std::filesystem::create_directory(folder.file("folder"));
    CHECK(fault_of_copy(folder.file("source"), {}, folder.file("folder")) ==
          folder.file("folder") + ": is a folder, a file cannot take its place");
    CHECK(fault_of_copy(folder.file("source"), {}, folder.file("nonesuch/target")) ==
          folder.file("nonesuch/target") + ": no file can be created in its folder: No such file or directory");
    CHECK(fault_of_copy(folder.file("missing"), {}, folder.file("target")).find("missing") != std::string::npos);
    CHECK(folder.names() == std::vector<std::string>{"folder", "source"});
    CHECK(std::filesystem::is_empty(folder.file("folder")));

    // The superuser may write anywhere, so the test gives its rights up for a moment.
    const bool superuser = ::geteuid() == 0;
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);  // scratch folders are their owner's alone
    REQUIRE(::chmod(folder.file("folder").c_str(), 0555) == 0);
    if (superuser && ::seteuid(65534) != 0) {
        REQUIRE(::chmod(folder.file("folder").c_str(), 0755) == 0);
        WARN("left out: a folder that may not be written, for the superuser cannot become another user here");
        return;
    }
    const std::string message = fault_of_copy(folder.file("source"), {}, folder.file("folder/target"));
    if (superuser) REQUIRE(::seteuid(0) == 0);
    CHECK(message == folder.file("folder/target") + ": no file can be created in its folder: Permission denied");
    REQUIRE(::chmod(folder.file("folder").c_str(), 0755) == 0);
}

TEST_CASE("a write that fails half-way leaves the old target and no temporary file") {
    const test::scratch_folder folder;
    const auto old = random_bytes(50, 3);
    test::write_file(folder.file("source"), random_bytes(1U << 20, 1));
    test::write_file(folder.file("target"), old);
    struct rlimit limit;
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);  // so that the write fails instead of ending the program
    const struct rlimit small {
        200000, limit.rlim_max
    };
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string message = fault_of_copy(folder.file("source"), {}, folder.file("target"));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(message == folder.file("target") + ": cannot be written: File too large");
    CHECK((test::read_file(folder.file("target")) == old));
    CHECK(folder.names() == std::vector<std::string>{"source", "target"});
}

TEST_CASE("a temporary file that a killed process left is neither used nor touched") {
    const test::scratch_folder folder;
    const auto left = random_bytes(20, 9);
    const auto source = random_bytes(100, 1);
    const std::string stale = ".unloop-" + std::to_string(::getpid()) + "-0.tmp";
    test::write_file(folder.file("source"), source);
    test::write_file(folder.file(stale), left);
    write_patched_copy(folder.file("source"), {}, folder.file("target"));
    CHECK((test::read_file(folder.file("target")) == source));
    CHECK((test::read_file(folder.file(stale)) == left));
    CHECK(folder.names() == std::vector<std::string>{stale, "source", "target"});
}

TEST_CASE("a target without a folder in its name is written to the current one") {
    const test::scratch_folder folder;
    const auto source = random_bytes(100, 1);
    test::write_file(folder.file("source"), source);
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    write_patched_copy("source", {}, "target");
    std::filesystem::current_path(before);
    CHECK((test::read_file(folder.file("target")) == source));
}
