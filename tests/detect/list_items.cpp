// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Items of whole texts and of texts in pieces.
#include <unloop/detect/list_items.hpp>

#include <unloop/core/random.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>    // min
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <string>       // texts
#include <string_view>  // texts
#include <vector>       // items

namespace {

using strings = std::vector<std::string>;

strings normalised(std::string_view text, unloop::answer_end end = unloop::answer_end::natural) {
    strings forms;
    for (const auto& item : unloop::list_items(text, end)) forms.push_back(item.normalised());
    return forms;
}

constexpr std::string_view mixed =
    "Here are some dogs:\n\n1. **Poodle**\n2. \"Golden  Retriever\"\r\n"
    "beagle, Boxer; Pug (small, round, loud), Collie, Husky, and Terrier.\n"
    "const x = f(a, b, c, d, e, g);\n[1, 2, 3, 4, 5, 6]\na, b, c, d\n"
    "\u201CDachshund\u201D, 1,234 times, two, three, four,\n- \n---\n  5) last";

}  // namespace

TEST_CASE("lines are items; lines of five parts or more are lists") {
    CHECK(normalised(mixed) == strings{"here are some dogs",
                                       "poodle",
                                       "golden retriever",
                                       "beagle",
                                       "boxer",
                                       "pug (small, round, loud)",
                                       "collie",
                                       "husky",
                                       "and terrier",
                                       "const x = f(a, b, c, d, e, g)",
                                       "[1, 2, 3, 4, 5, 6]",
                                       "a, b, c, d",
                                       "dachshund",
                                       "1,234 times",
                                       "two",
                                       "three",
                                       "four",
                                       "-",
                                       "---",
                                       "last"});
}

TEST_CASE("places are those of the content") {
    for (const auto& item : unloop::list_items(mixed)) {
        CHECK(mixed.substr(item.begin, item.end - item.begin) == item.content);
        CHECK(unloop::item_content(item.content) == item.content);
    }
    const auto items = unloop::list_items("1. Poodle\n2. a, b, c, d, Poodle\n");
    CHECK(items.front().begin == 3);
    CHECK(items.back().begin == 25);
    CHECK(items.back().end == 31);
}

TEST_CASE("of an answer that was cut the open item is left out") {
    CHECK(normalised("Poodle\nGolden Ret", unloop::answer_end::cut) == strings{"poodle"});
    CHECK(normalised("Poodle\nBeagle\n", unloop::answer_end::cut) == strings{"poodle", "beagle"});
    CHECK(normalised("a, b, c, d, e, f, g", unloop::answer_end::cut) == strings{"a", "b", "c", "d", "e", "f"});
    CHECK(normalised("a, b, c, d, e", unloop::answer_end::cut) == strings{});
    CHECK(normalised("a, b, c, d, e, f, g") == strings{"a", "b", "c", "d", "e", "f", "g"});
    CHECK(normalised("", unloop::answer_end::natural) == strings{});
}

TEST_CASE("brackets that never close keep their line whole, and do not reach the next") {
    CHECK(normalised("a (b, c, d, e, f\na, b, c, d, e :), ff) g, h") ==
          strings{"a (b, c, d, e, f", "a", "b", "c", "d", "e :)", "ff) g", "h"});
}

TEST_CASE("the pieces of a text do not matter") {
    const auto whole = unloop::list_items(mixed);
    for (std::uint64_t stream = 0; stream < 200; ++stream) {
        unloop::random_sequence random(1, stream);
        unloop::list_item_reader reader;
        std::vector<unloop::list_item> items;
        const auto keep = [&items](const unloop::list_item& item) { items.push_back(item); };
        for (std::string_view rest = mixed; !rest.empty();) {
            const std::size_t size = std::min<std::size_t>(rest.size(), random.below(12));
            reader.observe(rest.substr(0, size), keep);
            rest.remove_prefix(size);
        }
        reader.finish(keep);
        REQUIRE(items.size() == whole.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            REQUIRE(items[i].begin == whole[i].begin);
            REQUIRE(items[i].content == whole[i].content);
        }
    }
}

TEST_CASE("any bytes give items whose places are right") {
    constexpr std::string_view bytes = "ab1 .,,;;\n\n-*()[]\"#:iv\xC2\xA0\xE2\x80\xA2\x9C\xF0\r\t";
    std::size_t seen = 0;
    for (std::uint64_t stream = 0; stream < 2'000; ++stream) {
        unloop::random_sequence random(2, stream);
        std::string text;
        for (int i = 0; i < 60; ++i) text += bytes[random.below(bytes.size())];
        std::size_t end = 0;
        for (const auto& item : unloop::list_items(text)) {
            REQUIRE(item.begin >= end);
            REQUIRE(text.substr(item.begin, item.end - item.begin) == item.content);
            REQUIRE_FALSE(item.content.empty());
            (void)item.masked();
            end = item.end;
            ++seen;
        }
    }
    CHECK(seen > 5'000);
}

TEST_CASE("a reader that was reset is new") {
    unloop::list_item_reader reader;
    std::size_t begin = 99;
    const auto keep = [&begin](const unloop::list_item& item) { begin = item.begin; };
    reader.observe("a, (b, c, d, e, f", keep);
    reader.reset();
    reader.observe("Poodle\n", keep);
    CHECK(begin == 0);
}

TEST_CASE("parts of an open line come as soon as they are certain") {
    unloop::list_item_reader reader;
    strings seen;
    const auto keep = [&seen](const unloop::list_item& item) { seen.push_back(item.content); };
    reader.observe("a, b, c, d, e", keep);
    CHECK(seen.empty());
    reader.observe(", f", keep);
    CHECK(seen == strings{"a", "b", "c", "d", "e"});
    reader.observe(", ", keep);
    CHECK(seen.back() == "f");
}
