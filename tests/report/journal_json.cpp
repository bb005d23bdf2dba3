// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Files that only grow: what a crash leaves is read, what is wrong is named; and the log of openings.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <laws/value_memory.hpp>
#include <unloop/report/journal_json.hpp>
#include <unloop/report/openings_json.hpp>
#include <unloop/report/search_journal_json.hpp>
#include <unloop/report/value_journal_json.hpp>

#include <cstring>  // memcmp
#include <limits>   // infinity
#include <string>

#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

void write(const std::string& path, const std::string& text) { test::write_file(path, std::as_bytes(std::span(text))); }
std::string read(const std::string& path) {
    const test::byte_vector bytes = test::read_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::string fault_of_journal(const std::string& path) {
    return test::fault_of([&] { const json_journal journal(path); });
}

}  // namespace

TEST_CASE("a journal grows by whole lines, and a torn one is cut off", "[journal]") {
    const test::scratch_folder folder;
    const std::string path = folder.file("journal");
    {
        json_journal journal(path);
        CHECK(journal.lines().empty());
        journal.append({{"a", 1}});
        journal.append({{"b", "x\ny"}});
        CHECK(fault_of_journal(path) == path + ": is in use by another process");
    }
    const std::string whole = read(path);
    CHECK(whole == "{\"a\":1}\n{\"b\":\"x\\ny\"}\n");
    for (std::size_t size = whole.find('\n') + 1; size < whole.size(); ++size) {
        write(path, whole.substr(0, size));
        json_journal journal(path);
        CHECK(journal.lines().size() == 1);
        CHECK(journal.torn_bytes() == size - whole.find('\n') - 1);
        journal.append({{"b", "x\ny"}});
        CHECK(read(path) == whole);
    }
    write(path, "{\"a\": 1}\n{\"a\": }\n{\"a\": 2}\n");
    CHECK(fault_of_journal(path).starts_with(path + " line 2: at offset"));
    CHECK(fault_of_journal(folder.file("none/journal")).find("cannot be opened") != std::string::npos);
}

TEST_CASE("a journal of values gives them back with every bit, and refuses to be about something else", "[journal]") {
    const test::scratch_folder folder;
    const std::string path = folder.file("values");
    const std::vector<double> values{0.1, -0.0, 1e-310, std::numeric_limits<double>::infinity()};
    value_journal(path, {{"model", "a"}}).keep("scores", values);
    const value_journal again(path, {{"model", "a"}});
    REQUIRE(again.size() == 1);
    const auto found = again.find("scores").value();
    REQUIRE(found.size() == values.size());
    CHECK(std::memcmp(found.data(), values.data(), values.size() * sizeof(double)) == 0);
    CHECK_FALSE(again.find("other"));
}

TEST_CASE("the journal of a search holds values beside its plans", "[journal]") {
    const test::scratch_folder folder;
    const std::string path = folder.file("search");
    search_journal(path, {{"model", "a"}}).keep("scores", std::vector<double>{0.1, -0.0});
    const search_journal again(path, {{"model", "a"}});
    CHECK(again.size() == 0);
    CHECK(again.find("scores") == std::vector<double>{0.1, -0.0});
    CHECK_FALSE(again.find("other"));
    CHECK_FALSE(again.find(plan(), 1));
}

TEST_CASE("journals are memories that keep the laws", "[journal]") {
    const test::scratch_folder folder;
    CHECK(laws::broken_value_memory_laws(value_journal(folder.file("values"), {})).empty());
    CHECK(laws::broken_value_memory_laws(search_journal(folder.file("search"), {})).empty());
}

TEST_CASE("a journal of values is refused where it cannot be understood", "[journal]") {
    const test::scratch_folder folder;
    const std::string path = folder.file("values");
    (void)value_journal(path, {{"model", "a"}});
    CHECK_THROWS_WITH(value_journal(path, {{"model", "b"}}),
                      Catch::Matchers::ContainsSubstring("is the journal of something else"));
    write(path, read(path) + "{\"key\": \"scores\", \"values\": [1]}\n");
    CHECK_THROWS_WITH(value_journal(path, {{"model", "a"}}), Catch::Matchers::ContainsSubstring("line 2"));
}

TEST_CASE("only a change for the better is evidence of a cure", "[journal]") {
    const auto change = [](double mean, double p) {
        paired_difference made;
        made.mean = mean, made.permutation_p = p;
        return made;
    };
    const auto test = [&](double loops, std::optional<double> gold) {
        topic_changes changes{change(loops, 0.01), change(0, 1), {}, {}, {}};
        if (gold) changes.gold_items = change(*gold, 0.02);
        return test_of(changes).p();
    };
    CHECK(test(-0.2, 0.5) == 0.02);
    CHECK(test(-0.2, {}) == 0.01);
    CHECK(test(0.2, 0.5) == 1);
    CHECK(test(-0.2, -0.5) == 1);
}

TEST_CASE("openings are corrected over all that there ever were", "[journal]") {
    const test::scratch_folder folder;
    const std::string path = folder.file("openings");
    const auto add = [&](const char* plan, double loops, std::optional<double> gold) {
        return openings_log(path).add({{"plan", plan}}, {loops, gold});
    };
    const corrected_opening first = add("a", 0.01, 0.02);
    CHECK(first.openings == 1);
    CHECK(first.p == 0.02);  // a cure needs both
    CHECK(first.corrected_p == 0.02);
    const corrected_opening second = add("b", 0.04, {});
    CHECK(second.openings == 2);
    CHECK(second.corrected_p == 0.04);
    CHECK(add("a", 0.01, 0.02).openings == 2);  // the same run again
    CHECK(add("a", 0.01, 0.02).corrected_p == 0.04);
    CHECK(add("c", 0.5, 0.001).openings == 3);
    CHECK(std::abs(add("a", 0.01, 0.02).corrected_p - 0.06) < 1e-12);
    // Shares that do not come back from a file to the last bit.
    for (const int hits : {10, 18, 21, 37}) {
        const std::string name = "share " + std::to_string(hits);
        const std::size_t openings = add(name.c_str(), (1 + hits) / 100001.0, {}).openings;
        CHECK(add(name.c_str(), (1 + hits) / 100001.0, {}).openings == openings);
        openings_log both(path);
        CHECK(both.add({{"plan", name}, {"factor", 0.1}}, {(2 + hits) / 100001.0, {}}).openings == openings + 1);
        CHECK(both.add({{"plan", name}, {"factor", 0.1}}, {(2 + hits) / 100001.0, {}}).openings == openings + 1);
    }
    write(path, "{\"opening\": {}}\n");
    CHECK_THROWS_AS(openings_log(path), error);
}
