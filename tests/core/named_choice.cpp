// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A choice by name, and what is said when there is none.
#include <unloop/core/named_choice.hpp>

#include <catch2/catch_test_macros.hpp>

#include <variant>
#include <vector>

using namespace unloop;

namespace {

struct first {
    static constexpr std::string_view name = "first";
    int value = 1;
};
struct second {
    static constexpr std::string_view name = "second";
    int value = 2;
};
using either = std::variant<first, second>;

}  // namespace

TEST_CASE("a choice by name is the one of that name, with its default settings") {
    CHECK(std::get<first>(choice_named<either, first, second>("first", "no place")).value == 1);
    CHECK(std::get<second>(choice_named<either, first, second>("second", "no place")).value == 2);
}

TEST_CASE("a name that is none is refused, and those that there are are told") {
    try {
        (void)choice_named<either, first, second>("third", "no place");
        FAIL("there is no third");
    } catch (const error& refused) {
        CHECK(refused.what() == std::string("'third' is no place; there are first, second"));
    }
    CHECK(joined_names(std::vector<std::string>{}).empty());
}
