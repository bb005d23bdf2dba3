// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Lists that decay, lists that count, and texts that only look like either.
#include <unloop/detect/list_collapse.hpp>

#include <unloop/core/random.hpp>
#include <unloop/detect/find_loop.hpp>

#include <laws/loop_detector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>    // min
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <optional>     // findings
#include <string>       // answers
#include <string_view>  // names
#include <vector>       // names, broken laws

namespace {

using unloop::answer_end;
using unloop::loop_kind;

std::string numbered(const std::vector<std::string_view>& names) {
    std::string list;
    int number = 0;
    for (const auto name : names) list += std::to_string(++number) + ". " + std::string(name) + "\n";
    return list;
}

std::string comma_list(const std::vector<std::string_view>& names) {
    std::string list;
    for (const auto name : names) list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

template <class Line>
std::string lines(int first, int last, Line line) {
    std::string text;
    for (int i = first; i <= last; ++i) text += line(std::to_string(i)) + "\n";
    return text;
}

std::optional<unloop::finding> judged(std::string_view text, answer_end end) {
    return unloop::find_loop(unloop::list_collapse{}, text, end);
}

/// Nothing while it is written, and nothing however it ended.
bool passes(std::string_view text) {
    unloop::list_collapse online;
    return !online.observe(text) && !judged(text, answer_end::cut) && !judged(text, answer_end::natural);
}

std::optional<loop_kind> kind_of(std::string_view text, answer_end end = answer_end::cut) {
    const auto found = judged(text, end);
    return found ? std::optional(found->kind) : std::nullopt;
}

const std::vector<std::string_view> states = {
    "Alabama",       "Alaska",     "Arizona",      "Arkansas",     "California",     "Colorado",      "Connecticut",
    "Delaware",      "Florida",    "Georgia",      "Hawaii",       "Idaho",          "Illinois",      "Indiana",
    "Iowa",          "Kansas",     "Kentucky",     "Louisiana",    "Maine",          "Maryland",      "Massachusetts",
    "Michigan",      "Minnesota",  "Mississippi",  "Missouri",     "Montana",        "Nebraska",      "Nevada",
    "New Hampshire", "New Jersey", "New Mexico",   "New York",     "North Carolina", "North Dakota",  "Ohio",
    "Oklahoma",      "Oregon",     "Pennsylvania", "Rhode Island", "South Carolina", "South Dakota",  "Tennessee",
    "Texas",         "Utah",       "Vermont",      "Virginia",     "Washington",     "West Virginia", "Wisconsin",
    "Wyoming"};

const std::vector<std::string_view> months = {"January", "February", "March",     "April",   "May",      "June",
                                              "July",    "August",   "September", "October", "November", "December"};

const std::string the_last_ego = "Best Picture winners:\n1. \"Gandhi\"\n2. \"Amadeus\"\n3. \"Platoon\"\n" +
                                 lines(4, 20, [](const std::string& n) { return n + ". \"The Last Ego\""; });

}  // namespace

TEST_CASE("a list that decays onto one answer is found at the tenth item, however it is numbered") {
    const auto found = judged(the_last_ego, answer_end::cut);
    REQUIRE(found);
    CHECK(found->kind == loop_kind::list_collapse);
    CHECK(found->start == 4);  // after the introduction and three winners
    CHECK(found->period == 1);
    CHECK(found->copies == 6);
    CHECK(found->evidence == 5);
    const std::string breeds = lines(1, 12, [](const std::string&) { return std::string("* **Golden Retriever**"); });
    CHECK(judged(breeds, answer_end::cut) == unloop::finding{loop_kind::list_collapse, 0, 1, 10, 9});
    CHECK(kind_of(lines(1, 12, [](const std::string& n) { return "(" + n + ") golden  retriever."; })) ==
          loop_kind::list_collapse);
}

TEST_CASE("a cycle of answers is found with its length") {
    std::string answer = "Poodle\n";
    for (int i = 0; i < 4; ++i) answer += "- Golden Retriever\n- Labrador Retriever\n- German Shepherd\n- Boxer\n";
    CHECK(judged(answer, answer_end::cut) == unloop::finding{loop_kind::list_collapse, 1, 4, 3, 8});
    CHECK(judged(answer, answer_end::natural) == unloop::finding{loop_kind::list_collapse, 1, 4, 4, 12});
}

TEST_CASE("a list in one line collapses like one in many, and is found before its line ends") {
    std::string answer = "Poodle, Beagle, Pug, Boxer";
    for (int i = 0; i < 12; ++i) answer += ", Golden Retriever";
    unloop::list_collapse detector;
    const auto found = detector.observe(answer);
    REQUIRE(found);
    CHECK(found->kind == loop_kind::list_collapse);
    CHECK(found->copies == 6);
}

TEST_CASE("items that differ by a word or a digit that names them are different") {
    CHECK(passes(numbered({"Blade Runner", "Blade Runner 2049", "Ocean's 11", "Ocean's 12", "Ocean's 13", "Toy Story",
                           "Toy Story 2", "Toy Story 3", "Toy Story 4", "Cars", "Cars 2", "Cars 3"})));
}

TEST_CASE("healthy lists pass") {
    CHECK(passes(numbered(states)));
    CHECK(passes("The states are " + comma_list(states) + "."));
    CHECK(passes(numbered(months)));
    CHECK(passes(comma_list(months) + "."));
    CHECK(passes("Monday\nTuesday\nWednesday\nThursday\nFriday\nSaturday\nSunday\n"));
    CHECK(passes(
        numbered({"Washington", "Adams", "Jefferson", "Madison",  "Monroe",   "Adams",     "Jackson",  "Van Buren",
                  "Harrison",   "Tyler", "Polk",      "Taylor",   "Fillmore", "Pierce",    "Buchanan", "Lincoln",
                  "Johnson",    "Grant", "Hayes",     "Garfield", "Arthur",   "Cleveland", "Harrison", "Cleveland"})));
}

TEST_CASE("kings count, but their list is no drift") {
    CHECK(passes(numbered({"William I", "William II", "Henry I",   "Stephen",     "Henry II",   "Richard I", "John",
                           "Henry III", "Edward I",   "Edward II", "Edward III",  "Richard II", "Henry IV",  "Henry V",
                           "Henry VI",  "Edward IV",  "Edward V",  "Richard III", "Henry VII",  "Henry VIII"})));
    CHECK(passes(numbered({"Louis XII", "Francis I", "Henry II", "Francis II", "Charles IX", "Henry III", "Henry IV",
                           "Louis XIII", "Louis XIV", "Louis XV", "Louis XVI", "Napoleon I", "Louis XVIII", "Charles X",
                           "Louis Philippe I", "Napoleon III"})));
}

TEST_CASE("numbers that count on are a kind of their own") {
    const auto episodes = lines(1, 12, [](const std::string& n) { return "- Season 1, Episode " + n; });
    CHECK(judged(episodes, answer_end::cut) == unloop::finding{loop_kind::counter_drift, 0, 1, 10, 9});
    std::string louis;
    for (const auto* numeral : {"XIV", "XV", "XVI", "XVII", "XVIII", "XIX", "XX", "XXI", "XXII", "XXIII", "XXIV"})
        louis += "Louis " + std::string(numeral) + "\n";
    CHECK(kind_of(louis) == loop_kind::counter_drift);
    CHECK(kind_of(lines(1980, 1999, [](const std::string& n) { return "The Last Ego (" + n + ")"; })) ==
          loop_kind::counter_drift);
    CHECK(kind_of(lines(1980, 1999, [](const std::string& n) { return n + ": The Last Ego"; })) ==
          loop_kind::list_collapse);  // the year is a marker there
    std::string bottles;
    for (int n = 99; n > 90; --n)
        bottles += std::to_string(n) + " bottles of beer on the wall,\ntake one down, pass it around,\n";
    CHECK(kind_of(bottles) == loop_kind::list_collapse);  // every second line is the same
}

TEST_CASE("a count that ended by itself was asked for") {
    const auto chapters = lines(1, 12, [](const std::string& n) { return "Chapter " + n; });
    CHECK(kind_of(chapters, answer_end::cut) == loop_kind::counter_drift);
    CHECK_FALSE(kind_of(chapters, answer_end::natural));
    const unloop::basic_list_collapse<unloop::collapse_rule, unloop::no_drift> without_drift;
    CHECK_FALSE(unloop::find_loop(without_drift, chapters, answer_end::cut));
    CHECK(unloop::find_loop(without_drift, the_last_ego, answer_end::cut));
}

TEST_CASE("bare numbers, years and sums are passed over") {
    CHECK(passes(lines(1, 100, [](const std::string& n) { return n; })));
    CHECK(passes(lines(1896, 1960, [](const std::string& n) { return "- " + n; })));
    CHECK(passes(
        lines(1, 12, [](const std::string& n) { return "7 x " + n + " = " + std::to_string(7 * std::stoi(n)); })));
    CHECK(passes(lines(1, 12, [](const std::string& n) { return n + ". 7 \u00D7 " + n + " = ?"; })));
    CHECK(kind_of(lines(1, 12, [](const std::string& n) { return "seven times " + n; })) == loop_kind::counter_drift);
}

TEST_CASE("tables, data, code and verse pass") {
    CHECK(
        passes("| Breed | Size |\n|:---|:---|\n| Poodle | small |\n| Beagle | small |\n| Boxer | large |\n"
               "| Pug | small |\n| Husky | large |\n| Collie | large |\n| Corgi | small |\n| Dalmatian | large |\n"
               "| Akita | large |\n| Whippet | small |\n"));
    CHECK(passes("[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n"));
    CHECK(passes(
        "{\"colors\": [\"red\", \"red\", \"red\", \"red\", \"red\", \"red\", \"red\", \"red\", \"red\", \"red\", "
        "\"red\", \"red\"]}\n"));
    CHECK(passes("[\n" + lines(1, 30, [](const std::string&) { return std::string("  0,"); }) + "]\n"));
    CHECK(
        passes("```python\ndef fizz(n):\n    for i in range(1, n + 1):\n        if i % 15 == 0:\n"
               "            print(\"FizzBuzz\")\n        elif i % 3 == 0:\n            print(\"Fizz\")\n"
               "        elif i % 5 == 0:\n            print(\"Buzz\")\n        else:\n            print(i)\n\n"
               "fizz(100)\n```\n"));
    CHECK(
        passes("switch (day) {\n    case 0:\n        name = \"Sunday\";\n        break;\n    case 1:\n"
               "        name = \"Monday\";\n        break;\n    case 2:\n        name = \"Tuesday\";\n        break;\n"
               "    case 3:\n        name = \"Wednesday\";\n        break;\n    default:\n        return;\n}\n"));
    CHECK(passes(
        "She walked alone along the shore,\nThe sea is wide, the sea is deep,\nAnd heard the waves for evermore.\n"
        "The sea is wide, the sea is deep.\nThe moon had climbed above the hill,\n"
        "The sea is wide, the sea is deep,\nAnd all the little boats lay still.\n"
        "Good night, good night, and fall asleep.\nThe lamps went out along the quay,\n"
        "The sea is wide, the sea is deep,\nAnd no one else was there to see.\n"));
    CHECK(passes("A...........1\nB...........2\nChapter 3.......17\nAppendix.......90\n"));
    CHECK(passes("He came, he saw, he slept, he woke, he left; and then, in time, in town, in spring, he came again."));
}

TEST_CASE("the alphabet as bookkeeping passes where the answer ended by itself") {
    std::string answer;
    for (char letter = 'A'; letter <= 'Z'; ++letter)
        answer += std::string("**") + letter + "**\n" + (letter == 'C' ? "Canada" : "None") + "\n";
    CHECK_FALSE(kind_of(answer, answer_end::natural));
    CHECK(kind_of(answer, answer_end::cut) == loop_kind::list_collapse);
    std::string inline_letters;
    for (char letter = 'A'; letter <= 'Z'; ++letter) inline_letters += std::string("- ") + letter + ": none\n";
    CHECK(passes(inline_letters));
}

TEST_CASE("an answer that ended by itself is a loop only if its last items are") {
    const std::string one_more = the_last_ego + "21. \"Titanic\"\n";
    const std::string recovered = one_more + "22. \"Chicago\"\n23. \"Crash\"\n24. \"Argo\"\n25. \"Spotlight\"\n";
    CHECK(kind_of(the_last_ego, answer_end::natural) == loop_kind::list_collapse);
    CHECK(kind_of(one_more, answer_end::natural) == loop_kind::list_collapse);
    CHECK_FALSE(kind_of(recovered, answer_end::natural));
    CHECK(kind_of(recovered, answer_end::cut) == loop_kind::list_collapse);
    const auto quiz = numbered({"True", "True", "False", "True", "False", "False", "True", "True", "False", "True"});
    CHECK_FALSE(kind_of(quiz, answer_end::natural));
    CHECK(kind_of(quiz, answer_end::cut) == loop_kind::list_collapse);  // what a stop rule cannot tell from collapse
}

TEST_CASE("the open last item of an answer that was cut does not count") {
    std::string nine = lines(1, 9, [](const std::string&) { return std::string("Poodle"); });
    CHECK_FALSE(kind_of(nine + "Poodle", answer_end::cut));
    CHECK(kind_of(nine + "Poodle", answer_end::natural) == loop_kind::list_collapse);
    CHECK(kind_of(nine + "Poodle\n", answer_end::cut) == loop_kind::list_collapse);
}

TEST_CASE("indices of a finding count all items, those passed over too") {
    const std::string answer =
        "1990\n---\n" + lines(1, 10, [](const std::string&) { return std::string("Poodle\n{"); });
    const auto found = judged(answer, answer_end::cut);
    REQUIRE(found);
    CHECK(found->start == 2);
    CHECK(unloop::list_items(answer)[static_cast<std::size_t>(found->start)].content == "Poodle");
}

TEST_CASE("a finding holds until an item ends it") {
    unloop::list_collapse detector;
    const auto loop = lines(1, 10, [](const std::string&) { return std::string("Poodle"); });
    CHECK(detector.observe(loop));
    CHECK(detector.observe("Bea"));
    CHECK(detector.observe("gle\n"));  // ten of eleven
    for (int i = 0; i < 9; ++i) (void)detector.observe("Breed" + std::string(static_cast<std::size_t>(i), 'a') + "\n");
    CHECK(detector.observe("Pug"));  // ten of twenty
    CHECK_FALSE(detector.observe("\n"));
    CHECK(detector.finish(answer_end::cut));
    detector.reset();
    CHECK_FALSE(detector.finish(answer_end::cut));
}

TEST_CASE("list_collapse keeps the laws, also on random lists in random pieces") {
    CHECK(laws::broken_text_loop_detector_laws(unloop::list_collapse{}, the_last_ego, numbered(states)) ==
          std::vector<std::string>{});
    int found = 0;
    for (std::uint64_t stream = 0; stream < 200; ++stream) {
        unloop::random_sequence random(5, stream);
        std::string text;
        for (int i = 0; i < 30; ++i) {
            text += "name" + std::string(random.below(4), 'x') + " " + std::to_string(random.below(2));
            text += random.below(4) == 0 ? "\n" : ", ";
        }
        for (const auto end : {answer_end::cut, answer_end::natural}) {
            unloop::list_collapse detector;
            for (std::string_view rest = text; !rest.empty();) {
                const std::size_t size = std::min<std::size_t>(rest.size(), 1 + random.below(20));
                (void)detector.observe(rest.substr(0, size));
                rest.remove_prefix(size);
            }
            const auto pieces = detector.finish(end);
            REQUIRE(pieces == judged(text, end));
            found += pieces ? 1 : 0;
        }
    }
    CHECK(found > 10);
}

TEST_CASE("a loop that ends by itself begins where it began, however long it is") {
    for (const int items : {40, 100, 200}) {
        const std::string answer =
            lines(1, 5, [](const std::string& i) { return i + ". Dog " + std::string(9, 'x') + i; }) +
            lines(6, items, [](const std::string& i) { return i + (std::stoi(i) % 2 == 0 ? ". Pug" : ". Boxer"); });
        const auto cut = judged(answer, answer_end::cut), natural = judged(answer, answer_end::natural);
        REQUIRE((cut && natural));
        CHECK(cut->start == natural->start);
    }
}
