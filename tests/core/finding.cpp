// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Findings compare by all members, and kinds have names of their own.
#include <unloop/core/finding.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>          // names differ
#include <string_view>  // names

using unloop::finding;
using unloop::loop_kind;

TEST_CASE("findings are equal when all members are") {
    const finding first{loop_kind::periodic, 1, 2, 3, 4};
    CHECK(first == finding{loop_kind::periodic, 1, 2, 3, 4});
    CHECK(first != finding{loop_kind::list_collapse, 1, 2, 3, 4});
    CHECK(first != finding{loop_kind::periodic, 0, 2, 3, 4});
    CHECK(first != finding{loop_kind::periodic, 1, 0, 3, 4});
    CHECK(first != finding{loop_kind::periodic, 1, 2, 0, 4});
    CHECK(first != finding{loop_kind::periodic, 1, 2, 3, 0});
}

TEST_CASE("every kind of loop has its own name") {
    const std::set<std::string_view> names{name_of(loop_kind::periodic), name_of(loop_kind::list_collapse),
                                           name_of(loop_kind::counter_drift)};
    CHECK(names == std::set<std::string_view>{"counter_drift", "list_collapse", "periodic"});
    CHECK(name_of(static_cast<loop_kind>(200)) == "unknown");
}
