// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// UTF-8 reading, writing and repair against the definitions of the Unicode Standard.
#include <unloop/io/utf8.hpp>

#include <unloop/core/random.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <vector>

using unloop::utf8_status;

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string repaired(std::string_view bytes) {
    unloop::utf8_repair repair;
    std::string text;
    repair.push(bytes, text);
    repair.finish(text);
    return text;
}

}  // namespace

TEST_CASE("every scalar value is written and read back", "[utf8]") {
    for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
        if (code_point >= 0xD800 && code_point < 0xE000) continue;
        std::string text;
        unloop::append_utf8(text, code_point);
        const auto step = unloop::decode_utf8(text, 0);
        if (step.status != utf8_status::complete || step.code_point != code_point || step.length != text.size())
            FAIL("code point " << static_cast<unsigned>(code_point));
        for (std::size_t length = 1; length < text.size(); ++length)
            if (unloop::decode_utf8(std::string_view(text).substr(0, length), 0).status != utf8_status::truncated)
                FAIL("first " << length << " bytes of " << static_cast<unsigned>(code_point));
    }
    SUCCEED();
}

TEST_CASE("a code point is read exactly where writing it gives the bytes", "[utf8]") {
    const std::string edges = "A\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC2\xED\xFF";
    std::size_t complete = 0;
    for (int lead = 0; lead < 256; ++lead)
        for (const char second : edges)
            for (const char third : edges)
                for (const char fourth : edges) {
                    const std::string text = {static_cast<char>(lead), second, third, fourth};
                    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
                    auto value = static_cast<char32_t>(lead < 0x80 ? lead : lead & (0x7F >> length));
                    for (std::size_t index = 1; index < length; ++index)
                        value = (value << 6) | (static_cast<unsigned char>(text[index]) & 0x3FU);
                    std::string written;
                    if (value <= 0x10FFFF && (value < 0xD800 || value >= 0xE000)) unloop::append_utf8(written, value);
                    const bool right = written == text.substr(0, length);
                    const auto step = unloop::decode_utf8(text, 0);
                    complete += right ? 1U : 0U;
                    if (right
                            ? step.code_point != value || step.length != length || step.status != utf8_status::complete
                            : step.code_point != 0xFFFD || step.length >= 4 || step.status != utf8_status::invalid)
                        FAIL("lead " << lead << ", value " << static_cast<unsigned>(value));
                }
    CHECK(complete > 100000);
}

TEST_CASE("broken text: one U+FFFD for each maximal subpart", "[utf8]") {
    const auto times = [](int count) {
        std::string text;
        for (int index = 0; index < count; ++index) text += replacement;
        return text;
    };
    // Tables 3-8 to 3-11 of the Unicode Standard.
    CHECK(repaired("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == times(8) + "A");
    CHECK(repaired("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == times(8) + "A");
    CHECK(repaired("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") == times(5) + "A" + times(2) + "B");
    CHECK(repaired("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == times(4) + "A");
    CHECK(repaired("a\xE4\xBD") == "a" + times(1));
}

TEST_CASE("repair does not depend on how the bytes come", "[utf8]") {
    unloop::random_sequence random(7);
    const std::vector<std::string> parts = {"a",        "\xC3\xA9",    "\xE4\xBD\xA0",     "\xF0\x9F\x98\x80",
                                            "\xF0\x9F", "\xE4",        "\xF0\x9F\x98\x41", "\x80",
                                            "\xFF",     "\xED\xA0\x80"};
    for (int trial = 0; trial < 300; ++trial) {
        std::string bytes;
        for (std::uint64_t left = random.below(12); left > 0; --left) bytes += parts[random.below(parts.size())];
        unloop::utf8_repair repair;
        std::string text;
        for (std::size_t begin = 0; begin < bytes.size();) {
            const std::size_t length = 1 + random.below(4);
            repair.push(std::string_view(bytes).substr(begin, length), text);
            for (std::size_t at = 0; at < text.size(); at += unloop::decode_utf8(text, at).length)
                REQUIRE(unloop::decode_utf8(text, at).status == utf8_status::complete);
            begin += length;
        }
        repair.finish(text);
        REQUIRE(text == repaired(bytes));
    }
}
