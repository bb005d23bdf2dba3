// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The rule of collapse against its definition over all blocks of random lists.
#include <unloop/detect/collapse_rule.hpp>

#include <unloop/core/random.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>  // count, max, min
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <set>        // distinct items
#include <span>       // blocks
#include <vector>     // lists

namespace {

using keys = std::vector<std::uint64_t>;
using block = std::span<const std::uint64_t>;

bool is_cycle(block items) {
    for (std::size_t period = 1; period <= 8 && 3 * period <= items.size(); ++period) {
        bool repeats = true;
        for (std::size_t i = period; i < items.size(); ++i) repeats = repeats && items[i] == items[i - period];
        if (repeats) return true;
    }
    return false;
}

bool has_majority(block items, std::size_t part, std::size_t whole) {
    std::size_t most = 0;
    for (const auto item : items)
        most = std::max(most, static_cast<std::size_t>(std::count(items.begin(), items.end(), item)));
    return most * whole >= items.size() * part;
}

bool has_few(block items) { return std::set(items.begin(), items.end()).size() * 3 <= items.size(); }

keys random_list(std::uint64_t stream) {
    unloop::random_sequence random(11, stream);
    const auto alphabet = 1 + random.below(24);
    const auto loyalty = random.uniform();  // how often the next item is an old one
    keys list;
    for (std::size_t i = 0; i < 60; ++i) {
        const bool again = !list.empty() && random.uniform() < loyalty;
        list.push_back(again ? list[list.size() - 1 - random.below(std::min<std::size_t>(list.size(), 9))]
                             : random.below(alphabet));
    }
    return list;
}

}  // namespace

TEST_CASE("collapse_rule equals its definition over all blocks that end at the newest item") {
    int cycles = 0;
    int others = 0;
    int silent = 0;
    for (std::uint64_t stream = 0; stream < 400; ++stream) {
        const keys list = random_list(stream);
        for (std::size_t size = 1; size <= list.size(); ++size) {
            const block seen = block(list).first(size);
            bool cycle = false;
            bool other = false;
            bool strict = false;
            for (std::size_t items = 10; items <= size; ++items) {
                cycle = cycle || is_cycle(seen.last(items));
                strict = strict || has_majority(seen.last(items), 4, 5);
                other = other || has_majority(seen.last(items), 1, 2) || has_few(seen.last(items));
            }
            const auto found = unloop::collapse_rule{}(seen);
            REQUIRE(found.has_value() == (cycle || other));
            REQUIRE(unloop::collapse_rule{}.at_natural_end(seen).has_value() == (cycle || strict));
            REQUIRE_FALSE(unloop::drift_rule::at_natural_end(seen));
            REQUIRE_FALSE(unloop::no_drift{}(seen));
            (cycle ? cycles : other ? others : silent) += 1;
            if (!found) continue;
            const block loop = seen.last(found->items);
            REQUIRE(found->period * found->copies <= found->items);
            REQUIRE(found->repeats < found->items);
            REQUIRE((cycle ? is_cycle(loop) : has_majority(loop, 1, 2) || has_few(loop)));
        }
    }
    CHECK(cycles > 300);
    CHECK(others > 300);
    CHECK(silent > 300);
}

TEST_CASE("drift_rule asks for a cycle or four fifths, of lists that go on") {
    int found = 0;
    for (std::uint64_t stream = 0; stream < 200; ++stream) {
        const keys list = random_list(stream);
        for (std::size_t size = 1; size <= list.size(); ++size) {
            const block seen = block(list).first(size);
            bool expected = false;
            for (std::size_t items = 10; items <= size; ++items)
                expected = expected || is_cycle(seen.last(items)) || has_majority(seen.last(items), 4, 5);
            REQUIRE(unloop::drift_rule{}(seen).has_value() == expected);
            found += expected ? 1 : 0;
        }
    }
    CHECK(found > 100);
}

TEST_CASE("longer blocks than twice the smallest add nothing to the majority") {
    // Any block of 20 items or more has a part of 10 to 19 with at least its share: so 64 items lose none.
    for (std::uint64_t stream = 0; stream < 300; ++stream) {
        const keys list = random_list(stream);
        bool any = false;
        bool small = false;
        for (std::size_t begin = 0; begin < list.size(); ++begin)
            for (std::size_t items = 10; begin + items <= list.size(); ++items) {
                const bool majority = has_majority(block(list).subspan(begin, items), 1, 2);
                any = any || majority;
                small = small || (majority && items < 20);
            }
        CHECK(any == small);
    }
}

TEST_CASE("blocks as they are reported") {
    using unloop::collapse_block;
    const unloop::collapse_rule rule;
    CHECK(rule(keys{7, 7, 7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}) == collapse_block{10, 1, 10, 9});
    CHECK(rule(keys{9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1}) == collapse_block{10, 3, 3, 7});
    CHECK_FALSE(rule(keys{1, 2, 3, 1, 2, 3, 1, 2, 3}));
    CHECK(rule(keys{0, 1, 2, 1, 3, 1, 4, 1, 5, 1, 6}) == collapse_block{10, 1, 5, 4});
    CHECK(rule(keys{0, 2, 3, 4, 5, 6, 1, 1, 7, 1, 1, 1}) == collapse_block{6, 1, 5, 4});
    CHECK(rule(keys{0, 1, 2, 3, 3, 2, 1, 1, 2, 3, 2}) == collapse_block{10, 3, 3, 7});
    CHECK_FALSE(rule(keys{}));
}
