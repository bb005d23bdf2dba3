// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The exact detector against its definition on random and adversarial strings, and on texts that people want whole.
#include <unloop/detect/periodic_loop.hpp>

#include <unloop/core/random.hpp>
#include <unloop/detect/find_loop.hpp>

#include <laws/loop_detector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>    // min, max, copy, find
#include <cctype>       // isalnum
#include <cstdint>      // int64_t
#include <cstdlib>      // malloc
#include <new>          // operator new
#include <optional>     // findings
#include <span>         // beginnings of strings
#include <string>       // texts
#include <string_view>  // texts
#include <vector>       // tokens

namespace {

std::int64_t allocations = 0;

}  // namespace

// Out of line: inlined, GCC 12 takes malloc and delete for a mismatched pair.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace {

using tokens = std::vector<unloop::token_id>;

/// Tokens at the end of `text` each of which equals the one `period` earlier, and the first copy before them.
std::int64_t covered_end(std::span<const unloop::token_id> text, std::int64_t period) {
    std::int64_t matched = 0;
    while (true) {
        const std::int64_t later = std::ssize(text) - 1 - matched;
        if (later - period < 0) break;
        if (text[static_cast<std::size_t>(later)] != text[static_cast<std::size_t>(later - period)]) break;
        ++matched;
    }
    return matched + period;
}

/// The definition, token by token.
template <class Rule>
std::optional<unloop::finding> by_definition(std::span<const unloop::token_id> text, std::int64_t largest_period,
                                             const Rule& rule) {
    for (std::int64_t period = 1; period <= largest_period; ++period) {
        const std::int64_t covered = covered_end(text, period);
        if (covered < rule(period)) continue;
        bool has_smaller = false;
        for (std::int64_t smaller = 1; smaller < period; ++smaller)
            has_smaller = has_smaller || covered_end(text, smaller) >= covered;
        if (!has_smaller)
            return unloop::finding{unloop::loop_kind::periodic, std::ssize(text) - covered, period, covered / period,
                                   covered - period};
    }
    return std::nullopt;
}

/// Compares at every token; gives how many tokens had a finding.
template <class Rule>
int compare_with_definition(const tokens& text, std::int64_t largest_period, const Rule& rule) {
    unloop::basic_periodic_loop detector(largest_period, rule);
    int found = 0;
    bool agree = true;
    for (std::size_t size = 1; size <= text.size(); ++size) {
        const auto online = detector.observe(text[size - 1]);
        agree = agree && online == by_definition(std::span(text).first(size), largest_period, rule);
        found += online ? 1 : 0;
    }
    CHECK(agree);
    return found;
}

tokens random_text(std::uint64_t stream, std::size_t size, std::uint64_t alphabet) {
    unloop::random_sequence random(7, stream);
    tokens text(size);
    for (auto& token : text) token = static_cast<unloop::token_id>(random.below(alphabet));
    return text;
}

tokens fibonacci_word(std::size_t size) {
    tokens shorter{0};
    tokens word{0, 1};
    while (word.size() < size) {
        tokens next = word;
        next.insert(next.end(), shorter.begin(), shorter.end());
        shorter = word;
        word = next;
    }
    word.resize(size);
    return word;
}

/// Copies of `block`, then one foreign token, again and again: loops within loops.
tokens nested(int levels, int copies) {
    tokens text{0};
    for (int level = 1; level <= levels; ++level) {
        tokens next;
        for (int copy = 0; copy < copies; ++copy) next.insert(next.end(), text.begin(), text.end());
        next.push_back(level);
        text = next;
    }
    return text;
}

struct custom_rule {
    std::int64_t base = 0;
    std::int64_t operator()(std::int64_t period) const { return 2 * period + base + (period % 3); }
};

/// Words, and every other character for itself, numbered as they first appear.
tokens tokens_of(std::string_view text) {
    std::vector<std::string_view> known;
    tokens result;
    const auto is_word = [](char byte) { return std::isalnum(static_cast<unsigned char>(byte)) != 0; };
    while (!text.empty()) {
        std::size_t size = text.front() == ' ' && text.size() > 1 ? 1 : 0;  // a blank belongs to what follows
        const bool word = is_word(text[size]);
        ++size;
        while (word && size < text.size() && is_word(text[size])) ++size;
        const auto place = std::find(known.begin(), known.end(), text.substr(0, size));
        result.push_back(static_cast<unloop::token_id>(place - known.begin()));
        if (place == known.end()) known.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return result;
}

std::string repeated(std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

bool loops(std::string_view text) { return unloop::find_loop(unloop::periodic_loop{}, tokens_of(text)).has_value(); }

}  // namespace

TEST_CASE("periodic_loop equals its definition on random strings") {
    int found = 0;
    for (std::uint64_t alphabet = 1; alphabet <= 4; ++alphabet)
        for (std::uint64_t stream = 0; stream < 12; ++stream) {
            const auto text = random_text(stream, 150, alphabet);
            found += compare_with_definition(text, 20, unloop::graded_evidence{2, 4});
            found += compare_with_definition(text, 33, unloop::graded_evidence{3, 9});
            found += compare_with_definition(text, 16, custom_rule{1});
        }
    CHECK(found > 1000);
}

TEST_CASE("periodic_loop equals its definition on almost periodic strings") {
    int found = 0;
    for (std::uint64_t stream = 0; stream < 40; ++stream) {
        unloop::random_sequence random(3, stream);
        const auto period = static_cast<std::size_t>(1 + random.below(24));
        tokens text = random_text(stream, period, 3);
        while (text.size() < 260) {
            text.push_back(text[text.size() - period]);
            if (random.below(60) == 0) text.back() += 1;  // a slip, repeated from then on
        }
        found += compare_with_definition(text, 40, unloop::graded_evidence{3, 36});
    }
    CHECK(found > 1000);
}

TEST_CASE("periodic_loop equals its definition on Fibonacci words, nested loops and runs") {
    CHECK(compare_with_definition(fibonacci_word(500), 60, unloop::graded_evidence{3, 6}) > 0);
    CHECK(compare_with_definition(fibonacci_word(500), 60, unloop::graded_evidence{2, 4}) > 0);
    CHECK(compare_with_definition(nested(4, 4), 90, unloop::graded_evidence{3, 10}) > 0);
    CHECK(compare_with_definition(nested(7, 2), 90, unloop::graded_evidence{2, 6}) > 0);
    CHECK(compare_with_definition(tokens(300, 9), 48, unloop::graded_evidence{3, 36}) > 0);
    CHECK(compare_with_definition(tokens(95, 9), 48, unloop::graded_evidence{}) == 0);
}

TEST_CASE("periodic_loop keeps the laws") {
    CHECK(laws::broken_loop_detector_laws(unloop::periodic_loop{}) == std::vector<std::string>{});
    CHECK(laws::broken_loop_detector_laws(unloop::periodic_loop(300), {.periods = {1, 5, 129, 300}}) ==
          std::vector<std::string>{});
    CHECK(laws::broken_loop_detector_laws(unloop::basic_periodic_loop(64, unloop::evidence_at_cut)) ==
          std::vector<std::string>{});
}

TEST_CASE("the first finding comes with the first token that completes the evidence, and stays while the loop does") {
    unloop::periodic_loop detector;
    for (int i = 0; i < 10; ++i) REQUIRE_FALSE(detector.observe(1000 + i));
    for (int i = 0; i < 200; ++i) {
        const auto found = detector.observe(i % 40);
        REQUIRE(found.has_value() == (i + 1 >= 120));
        if (found) REQUIRE(*found == unloop::finding{unloop::loop_kind::periodic, 10, 40, (i + 1) / 40, i + 1 - 40});
    }
    CHECK_FALSE(detector.observe(2000));
}

TEST_CASE("the start reaches back as far as the period holds") {
    unloop::basic_periodic_loop detector(8, unloop::graded_evidence{3, 9});
    std::optional<unloop::finding> found;
    for (const unloop::token_id token : {9, 9, 3, 1, 2, 3, 1, 2, 3, 1, 2}) found = detector.observe(token);
    REQUIRE(found);
    CHECK(found->start == 2);  // the 3 before the first 1 belongs to it
    CHECK(found->copies == 3);
}

TEST_CASE("a period beyond the largest is not found") {
    const auto find = [](std::int64_t largest, int period) {
        tokens text;
        for (int i = 0; i < 6 * period; ++i) text.push_back(i % period);
        return unloop::find_loop(unloop::periodic_loop(largest), text).has_value();
    };
    CHECK(find(128, 128));
    CHECK_FALSE(find(127, 128));
    CHECK_FALSE(find(128, 129));
    CHECK(unloop::periodic_loop{}.largest_period() == 128);
}

TEST_CASE("no token allocates") {
    unloop::periodic_loop detector(512);
    const auto text = random_text(5, 3'000, 2);
    const auto before = allocations;
    int found = 0;
    for (const auto token : text) found += detector.observe(token) ? 1 : 0;
    for (int i = 0; i < 3'000; ++i) found += detector.observe(i % 100) ? 1 : 0;
    detector.reset();
    CHECK(allocations == before);
    CHECK(found > 2'000);
    const unloop::periodic_loop copy = detector;
    CHECK(allocations > before);  // the counter counts
}

TEST_CASE("legitimate repetition passes") {
    CHECK_FALSE(loops(repeated(".", 90) + " 17\n" + repeated(".", 80) + " 23\n"));
    CHECK_FALSE(loops("| Name | Age |\n" + repeated("| :--- ", 12) + "|\n| Ann | 7 |\n"));
    CHECK_FALSE(loops("[" + repeated("0.0, ", 20) + "0.0]"));
    CHECK_FALSE(loops("[" + repeated("null, ", 40) + "null]"));
    CHECK_FALSE(loops(repeated("{\"x\": 0, \"y\": 0},\n", 4)));
    CHECK_FALSE(loops(repeated("    ", 20) + "return x;\n"));
    CHECK_FALSE(loops(repeated("Row, row, row your boat,\nGently down the stream,\n", 3)));
    CHECK_FALSE(loops(repeated("=", 79) + "\nTitle\n" + repeated("=", 79) + "\n"));
}

TEST_CASE("loops as models make them are found") {
    CHECK(loops("The dog is a " + repeated("very, ", 60)));
    CHECK(loops("Dog breeds:\n" + repeated("- Golden Retriever\n- Labrador Retriever\n- German Shepherd\n", 12)));
    CHECK(loops(repeated("I am not sure. Let me think again about the episodes of the first season, in order.\n", 6)));
    CHECK(loops(repeated("\n", 200)));
}

TEST_CASE("what the default rule cuts although it may be meant: a large board of zeros") {
    const std::string row = "[0, 0, 0, 0, 0, 0, 0, 0],\n";
    CHECK_FALSE(loops(repeated(row, 4)));
    CHECK(loops(repeated(row, 8)));
    CHECK_FALSE(unloop::find_loop(unloop::basic_periodic_loop(128, unloop::graded_evidence{.copies = 12, .tokens = 96}),
                                  tokens_of(repeated(row, 8))));
}
