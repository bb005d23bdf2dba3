// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The text of an error names what is known of file, tensor and offset, and nothing else.
#include <unloop/core/error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>  // messages
#include <vector>  // cases

namespace {

std::string text(const unloop::file_place& place) { return unloop::error(place, "is broken").what(); }

}  // namespace

TEST_CASE("an error names file, tensor and offset as far as they are known") {
    CHECK(text({}) == "is broken");
    CHECK(text({"model.gguf", {}, {}}) == "model.gguf: is broken");
    CHECK(text({{}, "blk.0.ffn_up", {}}) == "'blk.0.ffn_up': is broken");
    CHECK(text({{}, {}, 12}) == "at offset 12: is broken");
    CHECK(text({"model.gguf", "blk.0.ffn_up", {}}) == "model.gguf: 'blk.0.ffn_up': is broken");
    CHECK(text({"model.gguf", {}, 0}) == "model.gguf: at offset 0: is broken");
    CHECK(text({"model.gguf", "blk.0.ffn_up", 18446744073709551615U}) ==
          "model.gguf: 'blk.0.ffn_up' at offset 18446744073709551615: is broken");
}

TEST_CASE("an error keeps its place apart from its text, and is a runtime_error") {
    try {
        throw unloop::error({"a.gguf", "head", 7}, "is too short");
    } catch (const std::runtime_error& caught) {
        const auto* const own = dynamic_cast<const unloop::error*>(&caught);
        REQUIRE(own != nullptr);
        CHECK(own->place().file == "a.gguf");
        CHECK(own->place().tensor == "head");
        CHECK(own->place().offset == 7U);
    }
    const unloop::error plain("give at least one token");
    CHECK(std::string(plain.what()) == "give at least one token");
    CHECK(plain.place().file.empty());
    CHECK_FALSE(plain.place().offset.has_value());
}
