// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Keys and values as bytes: lists of lists, booleans, and the format's limits.
#include <unloop/io/gguf_entry.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "scratch_folder.hpp"

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

TEST_CASE("keys have 1 to 65535 bytes") {
    const auto with_key = [](std::size_t size) {
        entry_bytes entry;
        return read(entry.text(std::string(size, 'k')).number<std::uint32_t>(0).number<std::uint8_t>(1)).key.size();
    };
    CHECK(with_key(65535) == 65535);
    CHECK_THROWS_AS(with_key(65536), unloop::error);
    CHECK_THROWS_AS(with_key(0), unloop::error);
}
