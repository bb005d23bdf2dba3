// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as an item of an answer, and what does not.
#include <unloop/evaluate/answer_items.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {
using names = std::vector<std::string>;
}

TEST_CASE("headings and sentences name no item", "[answer_items]") {
    const answer_items read = read_answer(
        "Here is a list of the bears of the world:\n\n1. Polar bear\n2. Brown bear\n\n**Asia:**\n- Sloth bear\n"
        "\nThese bears live in many countries.\nI hope that this list helps you with whatever you are doing at school "
        "today\n",
        answer_end::natural);
    CHECK(read.distinct == names{"polar bear", "brown bear", "sloth bear"});
    CHECK(read.total == 3);
    CHECK(read.sentences == 2);
}

TEST_CASE("a colon makes a heading of what stands above something else", "[answer_items]") {
    CHECK(read_answer("Python: \nJava: \nC#:", answer_end::natural).distinct == names{"python", "java", "c#"});
    CHECK(read_answer("Dogs:\nPug\nBoxer\nCats:\nManx", answer_end::natural).distinct == names{"pug", "boxer", "manx"});
}

TEST_CASE("repetitions are counted and named once", "[answer_items]") {
    const answer_items read = read_answer("- Rome\n- Paris\n- *ROME*\n- Rome.\n- Bern", answer_end::natural);
    CHECK(read.distinct == names{"rome", "paris", "bern"});
    CHECK(read.total == 5);
    CHECK(read.repeated() == 2);
}

TEST_CASE("long items with a marker and items in one line are no sentences", "[answer_items]") {
    const std::string described =
        "1. Alabama - a state in the south of the country with a long coast on the Gulf of Mexico.\n"
        "2. Alaska: the largest of all of the states and the one with the fewest people for each square mile.\n";
    CHECK(read_answer(described, answer_end::natural).total == 2);
    CHECK(read_answer(described, answer_end::natural).sentences == 0);
    std::string starred = described;
    for (const char* const number : {"1.", "2."}) starred.replace(starred.find(number), 2, "*");
    CHECK(read_answer(starred, answer_end::natural).total == 2);
    CHECK(read_answer(starred, answer_end::natural).sentences == 0);
    CHECK(read_answer("  * Pug\n  * The dog of the moor.\n", answer_end::natural).total == 2);
    CHECK(read_answer("* Cats:\n* Pug\n", answer_end::natural).distinct == names{"cats", "pug"});
    const answer_items line =
        read_answer("Alpha, Beta, Gamma, Delta, Epsilon, and that is where I stop.", answer_end::natural);
    CHECK(line.distinct.size() == 6);
    CHECK(line.sentences == 0);
}

TEST_CASE("an open end, and lines of signs, are left out", "[answer_items]") {
    CHECK(read_answer("Bern\nRo", answer_end::cut).distinct == names{"bern"});
    CHECK(read_answer("Bern\nRo", answer_end::natural).distinct == names{"bern", "ro"});
    CHECK(read_answer("1996\n---\n|---|\n2000\n", answer_end::natural).distinct == names{"1996", "2000"});
    CHECK(read_answer("", answer_end::natural).total == 0);
}
