// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Merges as text.
#include <unloop/io/tokenizer_data.hpp>

#include <catch2/catch_test_macros.hpp>

using unloop::merge_pair;
using unloop::parse_merge;

TEST_CASE("a merge is two parts, the first never empty", "[tokenizer_data]") {
    CHECK(parse_merge("a b") == merge_pair{"a", "b"});
    CHECK(parse_merge("ab cde") == merge_pair{"ab", "cde"});
    CHECK(parse_merge("  x") == merge_pair{" ", "x"});
    for (const char* text : {"", " ", "a", "ab", "a ", " a"}) CHECK_THROWS_AS(parse_merge(text), unloop::error);
}
