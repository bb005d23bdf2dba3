// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The integer map against the standard one.
#include <unloop/io/integer_map.hpp>

#include <unloop/core/random.hpp>

#include <catch2/catch_test_macros.hpp>
#include <map>

TEST_CASE("an integer map answers like std::map", "[integer_map]") {
    unloop::random_sequence random(11);
    for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
        unloop::detail::integer_map<int> map(count);
        std::map<std::uint64_t, int> expected;
        for (std::size_t index = 0; index < count; ++index) {
            const auto key = random.below(2 * count);  // some repeat: the first stays
            const auto value = static_cast<int>(index);
            CHECK(map.insert(key, value) == expected.try_emplace(key, value).first->second);
        }
        for (std::uint64_t key = 0; key < 2 * count + 10; ++key) {
            const auto found = expected.find(key);
            const int* answer = map.find(key);
            REQUIRE((answer != nullptr) == (found != expected.end()));
            if (answer != nullptr) REQUIRE(*answer == found->second);
        }
    }
}
