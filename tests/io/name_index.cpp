// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Names and their places.
#include <unloop/io/name_index.hpp>

#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string_view>

TEST_CASE("a name leads to its place, and keeps the first that it was given") {
    unloop::name_index index;
    CHECK(index.insert("one", 1));
    CHECK(index.insert("", 2));
    CHECK_FALSE(index.insert("one", 3));
    CHECK(index.find("one") == 1U);
    CHECK(index.find(std::string_view("one more").substr(0, 3)) == 1U);
    CHECK(index.find("") == 2U);
    CHECK(index.find("on") == std::nullopt);
}
