// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Formats decode as defined, visiting covers every tag, and sizes count whole blocks.
#include <unloop/tensor/format.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/core/random.hpp>

#include <cmath>   // ldexp
#include <set>     // distinct tags
#include <vector>  // blocks

using namespace unloop;

namespace {

std::vector<std::byte> random_bytes(std::size_t count, std::uint64_t seed) {
    random_sequence random(seed);
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.below(256));
    return bytes;
}

/// binary16, finite, from its definition.
double half(std::byte low, std::byte high) {
    const int bits = std::to_integer<int>(low) + 256 * std::to_integer<int>(high);
    const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
    const double size = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return bits >> 15 ? -size : size;
}

/// Scales of ordinary size, both signs, so that products and sums stay finite.
void tame(std::byte& high) { high = (high & std::byte{0x83}) | std::byte{0x34}; }

}  // namespace

TEST_CASE("Q4_1 is d q + m, with the codes of byte i at places i and i + 16") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto block = random_bytes(20, seed);
        tame(block[1]), tame(block[3]);
        const double d = half(block[0], block[1]), m = half(block[2], block[3]);
        float values[32];
        q4_1::decode(block.data(), values);
        for (std::size_t i = 0; i < 32; ++i) {
            const int pair = std::to_integer<int>(block[4 + i % 16]);
            const double product = static_cast<float>(d * (i < 16 ? pair % 16 : pair / 16));  // 15 bits: exact
            REQUIRE(values[i] == static_cast<float>(product + m));                            // rounded once
        }
    }
}

TEST_CASE("Q8_0 is d times a signed byte") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        auto block = random_bytes(34, seed);
        tame(block[1]);
        float values[32];
        q8_0::decode(block.data(), values);
        for (std::size_t i = 0; i < 32; ++i) {
            const int code = std::to_integer<int>(block[2 + i]);
            REQUIRE(static_cast<double>(values[i]) == half(block[0], block[1]) * (code < 128 ? code : code - 256));
        }
    }
}

TEST_CASE("scales lie where the table says: a doubled scale doubles every value") {
    for_each_format([](auto format) {
        if constexpr (format.scale_offsets.size() > 0) {
            auto block = random_bytes(format.block_bytes, 1);
            for (const std::size_t offset : format.scale_offsets) tame(block[offset + 1]);
            std::vector<float> before(format.block_values), after(format.block_values);
            format.decode(block.data(), before.data());
            for (const std::size_t offset : format.scale_offsets)
                block[offset + 1] =
                    static_cast<std::byte>(std::to_integer<int>(block[offset + 1]) + 4);  // exponent + 1
            format.decode(block.data(), after.data());
            for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == 2 * before[i]);
        }
    });
}

TEST_CASE("plain formats decode one value, from any address") {
    const float number = -1.5F;  // exact in all three
    std::byte memory[5];
    const auto check = [&](auto format) {
        using format_type = decltype(format);
        const auto stored = static_cast<typename format_type::stored>(number);
        std::memcpy(memory + 1, &stored, sizeof stored);
        float value = 0;
        format_type::decode(memory + 1, &value);
        CHECK(value == number);
        CHECK(format_type::block_bytes == sizeof stored);
    };
    check(f32{}), check(f16{}), check(bf16{});
}

TEST_CASE("visiting gives every tag its own type, and the walk covers all tags in order") {
    std::vector<number_format> walked;
    std::set<std::string_view> names;
    std::set<std::uint32_t> gguf_types;
    for_each_format([&](auto format) {
        walked.push_back(format.tag);
        names.insert(format.name);
        gguf_types.insert(format.gguf_type);
        CHECK(visit_format(format.tag, [](auto visited) { return visited.tag; }) == format.tag);
        CHECK(name_of(format.tag) == format.name);
    });
    CHECK(walked == std::vector{number_format::f32, number_format::f16, number_format::bf16, number_format::q4_1,
                                number_format::q8_0});
    CHECK(names.size() == walked.size());
    // As ggml numbers its types.
    CHECK(gguf_types == std::set<std::uint32_t>{0, 1, 3, 8, 30});
}

TEST_CASE("sizes of rows") {
    CHECK(bytes_of(number_format::f32, 96) == 384);
    CHECK(bytes_of(number_format::f16, 96) == 192);
    CHECK(bytes_of(number_format::bf16, 96) == 192);
    CHECK(bytes_of(number_format::q4_1, 96) == 60);
    CHECK(bytes_of(number_format::q8_0, 96) == 102);
    for_each_format([](auto format) { CHECK(bytes_of(format.tag, 0) == 0); });
}
