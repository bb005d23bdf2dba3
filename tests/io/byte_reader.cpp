// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reading untrusted bytes: values, and where a refusal points.
#include <unloop/io/byte_reader.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

TEST_CASE("numbers and texts are read in turn, little-endian and unaligned") {
    const auto bytes = test::bytes_of(std::string("\x01\x02\x03\x04\x05\x02\0\0\0\0\0\0\0hi!", 16));
    unloop::byte_reader reader(bytes, "f");
    CHECK(reader.number<std::uint8_t>() == 1);
    CHECK(reader.number<std::uint32_t>() == 0x05040302);
    CHECK(reader.text() == "hi");
    CHECK(reader.position() == 15);
    CHECK(reader.remaining() == 1);
}

TEST_CASE("what goes beyond the end is refused with subject and offset, and nothing is consumed") {
    const auto bytes = test::bytes_of(std::string("\x07\0\0\0\0\0\0\0abc", 11));
    unloop::byte_reader reader(bytes, "f");
    reader.set_subject("key");
    CHECK(test::fault_of([&] { (void)unloop::byte_reader(reader).text(); }) ==
          "f: 'key' at offset 0: the file is too short for 7 bytes of text");
    (void)reader.number<std::uint32_t>();
    (void)reader.number<std::uint32_t>();
    CHECK(test::fault_of([&] { (void)reader.number<std::uint32_t>(); }) ==
          "f: 'key' at offset 8: the file ends too early, bytes missing: 1");
    CHECK(reader.position() == 8);
}

TEST_CASE("a count is held against the bytes that remain, without overflow") {
    for (const auto& [count, accepted] : std::vector<std::pair<std::uint64_t, bool>>{
             {3, true}, {4, false}, {std::uint64_t{1} << 61, false}, {0, true}}) {
        test::byte_vector bytes(8 + 31);  // room for three numbers of eight bytes, and some
        std::memcpy(bytes.data(), &count, sizeof count);
        unloop::byte_reader reader(bytes, "f");
        std::uint64_t found = ~count;
        const auto message = test::fault_of([&] { found = reader.count(8, "numbers"); });
        CHECK((message == "none") == accepted);
        CHECK((found == count) == accepted);
    }
}
