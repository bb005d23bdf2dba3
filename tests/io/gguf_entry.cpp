// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Keys and values as bytes: lists of lists, booleans, and the format's limits.
#include <unloop/io/gguf_entry.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <cstring>
#include <string>
#include <unloop/io/memory_watch.hpp>
#include <utility>
#include <variant>
#include <vector>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace gguf = unloop::gguf;

namespace {

/// Little-endian bytes of an entry, put together piece by piece.
struct entry_bytes {
    std::string bytes;
    template <class Number>
    entry_bytes& number(Number value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
        return *this;
    }
    entry_bytes& text(const std::string& value) {
        number<std::uint64_t>(value.size());
        bytes += value;
        return *this;
    }
};

gguf::metadata_entry read(const entry_bytes& entry) {
    const auto bytes = test::bytes_of(entry.bytes);
    unloop::byte_reader reader(bytes, "f");
    auto found = gguf::detail::read_entry(reader);
    CHECK(reader.remaining() == 0);
    return found;
}

/// `size` bytes that begin with those of `entry`; the rest are 0.
test::byte_vector padded(const entry_bytes& entry, std::size_t size) {
    test::byte_vector bytes(size);
    std::memcpy(bytes.data(), entry.bytes.data(), entry.bytes.size());
    return bytes;
}

std::string fault_in(const test::byte_vector& bytes) {
    unloop::byte_reader reader(bytes, "f");
    return test::fault_of([&] { (void)gguf::detail::read_entry(reader); });
}

/// `depth` lists around one byte.
entry_bytes nested(int depth) {
    entry_bytes entry;
    entry.text("k").number<std::uint32_t>(9);
    for (int i = 1; i < depth; ++i) entry.number<std::uint32_t>(9).number<std::uint64_t>(1);
    return std::move(entry.number<std::uint32_t>(0).number<std::uint64_t>(1).number<std::uint8_t>(5));
}

}  // namespace

TEST_CASE("lists of lists are read, down to a bound") {
    const auto entry = read(nested(2));
    const auto& outer = std::get<std::vector<gguf::metadata_value>>(entry.value.held);
    REQUIRE(outer.size() == 1);
    CHECK(std::get<std::vector<std::uint64_t>>(outer[0].held) == std::vector<std::uint64_t>{5});
    CHECK_NOTHROW(read(nested(4)));
    CHECK_THROWS_AS(read(nested(5)), unloop::error);
}

TEST_CASE("a boolean is 0 or 1, alone and in lists") {
    const auto alone = [](std::uint8_t byte) {
        entry_bytes entry;
        return read(entry.text("k").number<std::uint32_t>(7).number(byte)).value;
    };
    CHECK(std::get<bool>(alone(1).held));
    CHECK_FALSE(std::get<bool>(alone(0).held));
    CHECK_THROWS_AS(alone(2), unloop::error);
    const auto list = [](std::uint8_t byte) {
        entry_bytes entry;
        entry.text("k").number<std::uint32_t>(9).number<std::uint32_t>(7).number<std::uint64_t>(3);
        entry.number<std::uint8_t>(1).number<std::uint8_t>(0).number(byte);
        return read(entry).value;
    };
    CHECK(std::get<std::vector<bool>>(list(1).held) == std::vector<bool>{true, false, true});
    CHECK_THROWS_AS(list(2), unloop::error);
}

TEST_CASE("lists of every width of number keep sign and value") {
    const auto list = [](std::uint32_t type, auto first, auto second) {
        entry_bytes entry;
        entry.text("k").number<std::uint32_t>(9).number(type).template number<std::uint64_t>(2);
        return read(entry.number(first).number(second)).value.held;
    };
    using unsigned_list = std::vector<std::uint64_t>;
    using signed_list = std::vector<std::int64_t>;
    CHECK(std::get<unsigned_list>(list(0, std::uint8_t{255}, std::uint8_t{1})) == unsigned_list{255, 1});
    CHECK(std::get<signed_list>(list(1, std::int8_t{-128}, std::int8_t{127})) == signed_list{-128, 127});
    CHECK(std::get<unsigned_list>(list(2, std::uint16_t{65535}, std::uint16_t{1})) == unsigned_list{65535, 1});
    CHECK(std::get<signed_list>(list(3, std::int16_t{-32768}, std::int16_t{1})) == signed_list{-32768, 1});
    CHECK(std::get<unsigned_list>(list(4, ~std::uint32_t{0}, std::uint32_t{1})) == unsigned_list{4294967295, 1});
    CHECK(std::get<signed_list>(list(5, std::int32_t{-5}, std::int32_t{1})) == signed_list{-5, 1});
    CHECK(std::get<std::vector<double>>(list(6, 0.5F, -1.0F)) == std::vector<double>{0.5, -1});
    CHECK(std::get<unsigned_list>(list(10, ~std::uint64_t{0}, std::uint64_t{1})) ==
          unsigned_list{~std::uint64_t{0}, 1});
    CHECK(std::get<signed_list>(list(11, std::int64_t{-1}, std::int64_t{1})) == signed_list{-1, 1});
    CHECK(std::get<std::vector<double>>(list(12, 0.1, 2.0)) == std::vector<double>{0.1, 2});
}

TEST_CASE("memory is for what was read, whatever a count says") {
    constexpr std::size_t size = std::size_t{1} << 25;
    entry_bytes lists;  // four lists, each of as many as the bytes behind it could hold
    lists.text("k").number<std::uint32_t>(9);
    for (int depth = 1; depth < 4; ++depth) lists.number<std::uint32_t>(9).number<std::uint64_t>(size / 12 - 8);
    lists.number<std::uint32_t>(200);
    const auto bytes = padded(lists, size);
    const unloop::memory_watch memory;
    CHECK(fault_in(bytes) == "f: 'k' at offset 49: no type of value has the number 200");
    CHECK(memory.bytes() < size);  // each list at once would be four times the bytes
}

TEST_CASE("a long list takes no more room than its values") {
    entry_bytes entry;
    entry.text("k").number<std::uint32_t>(9).number<std::uint32_t>(0).number<std::uint64_t>(1000);
    entry.bytes.append(1000, '\7');
    const auto values = std::get<std::vector<std::uint64_t>>(read(entry).value.held);
    CHECK(values == std::vector<std::uint64_t>(1000, 7));
    CHECK(values.capacity() == 1000);
}

TEST_CASE("a count that would make the keys fill a whole model is refused with the key") {
    constexpr std::uint64_t most = gguf::detail::most_key_bytes;
    constexpr std::size_t size = most + 4096;
    const auto begin = [](std::uint32_t type) {
        entry_bytes entry;
        return std::move(entry.text("k").number(type));
    };
    const auto refusal = [](std::uint64_t start, std::uint64_t end) {
        return "f: 'k' at offset " + std::to_string(start) + ": the keys of a file take at most 134217728 bytes, and " +
               "this would end at " + std::to_string(end);
    };
    CHECK(fault_in(padded(begin(8).number(most - 21), size)) == "none");
    CHECK(fault_in(padded(begin(8).number(most - 20), size)) == refusal(13, most + 1));
    for (const auto& [type, width] : {std::pair<std::uint32_t, std::uint64_t>{0, 1}, {7, 1}, {8, 8}, {9, 12}, {12, 8}})
        CHECK(fault_in(padded(begin(9).number(type).number(most / width), size)) ==
              refusal(17, 25 + most / width * width));
    auto two = begin(9).number<std::uint32_t>(8).number<std::uint64_t>(2).text("first").number(most);
    CHECK(fault_in(padded(two, size)) == refusal(38, 46 + most));
}

TEST_CASE("keys have 1 to 65535 bytes") {
    const auto with_key = [](std::size_t size) {
        entry_bytes entry;
        return read(entry.text(std::string(size, 'k')).number<std::uint32_t>(0).number<std::uint8_t>(1)).key.size();
    };
    CHECK(with_key(65535) == 65535);
    CHECK_THROWS_AS(with_key(65536), unloop::error);
    CHECK_THROWS_AS(with_key(0), unloop::error);
}
