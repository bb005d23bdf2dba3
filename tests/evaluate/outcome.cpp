// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Outcomes of planted answers: every kind, told apart from what is like it.
#include <unloop/evaluate/outcome.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace unloop;

namespace {

/// A token a word, sign or line break.
std::vector<token_id> tokens_of(const std::string& text) {
    static std::map<std::string, token_id> ids;
    std::vector<token_id> tokens;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) tokens.push_back(ids.try_emplace(word, static_cast<token_id>(ids.size())).first->second);
        word.clear();
    };
    for (const char byte : text) {
        if (std::isalnum(static_cast<unsigned char>(byte)) == 0) flush();
        if (byte != ' ') word += byte;
        if (std::isalnum(static_cast<unsigned char>(byte)) == 0) flush();
    }
    flush();
    return tokens;
}

record answer_of(const std::string& text, stop_reason reason) {
    record answer;
    answer.text = text;
    answer.tokens = tokens_of(text);
    answer.reason = reason;
    return answer;
}

std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

/// One line for each number from `first` on, # replaced by it.
std::string counted(int first, int last, const std::string& line) {
    std::string all;
    for (int i = first; i <= last; ++i) {
        std::string next = line;
        for (std::size_t at; (at = next.find('#')) != std::string::npos;) next.replace(at, 1, std::to_string(i));
        all += next;
    }
    return all;
}

const std::string ten_dogs =
    "1. Poodle\n2. Beagle\n3. Boxer\n4. Collie\n5. Dalmatian\n6. Greyhound\n7. Havanese\n8. Komondor\n9. Papillon\n"
    "10. Whippet\n";
constexpr auto ended = stop_reason::end_token;
constexpr auto cut = stop_reason::length;

struct planted {
    const char* name;
    outcome expected;
    stop_reason reason;
    std::string text;
    probe_class kind = probe_class::list;
    std::optional<std::size_t> unedited = {};
};

const std::vector<planted> answers{
    // Exact loops.
    {"one line without end", outcome::exact_loop, cut, ten_dogs + times(30, "Poodle mix\n")},
    {"a block of three lines", outcome::exact_loop, cut, ten_dogs + times(14, "Pug\nHusky dog\nSpaniel\n")},
    {"a sentence, three times, cut", outcome::exact_loop, cut,
     times(3, "The dog is a friend of man and has been so for a very long time. ")},
    {"a loop that ended at last", outcome::exact_loop, ended, times(60, "Poodle\n") + "And that is all there is.\n"},
    {"stopped by a rule", outcome::exact_loop, stop_reason::loop, times(50, "Poodle\n")},
    // Collapse: no exact period.
    {"numbered copies of one item", outcome::collapse, cut, ten_dogs + counted(11, 30, "#. Golden Retriever\n")},
    {"two items in turns", outcome::collapse, cut, ten_dogs + counted(1, 15, "#. Pug\n(#) Chow Chow\n")},
    {"half of the items equal", outcome::collapse, cut,
     counted(1, 12, "#. Poodle\n#. Dog # of the # kinds, also called the # dog\n")},
    {"collapsed, then ended", outcome::collapse, ended, ten_dogs + counted(11, 40, "#. Golden Retriever\n")},
    // Drift.
    {"episodes that only count", outcome::drift, cut, counted(1, 24, "- Episode #\n")},
    {"years that only count", outcome::drift, cut, counted(1980, 2004, "- Winner of the year #\n")},
    {"Roman numerals", outcome::drift, cut,
     "- Pope John II\n- Pope John III\n- Pope John IV\n- Pope John V\n- Pope John VI\n- Pope John VII\n"
     "- Pope John VIII\n- Pope John IX\n- Pope John X\n- Pope John XI\n- Pope John XII\n"},
    // Ended with content.
    {"a list", outcome::ended_with_content, ended, ten_dogs},
    {"an episode list that was asked for", outcome::ended_with_content, ended, counted(1, 24, "- Episode #\n")},
    {"three items", outcome::ended_with_content, ended, "- Pug\n- Poodle\n- Collie\n"},
    {"a list in one line", outcome::ended_with_content, ended, "Spring, summer, autumn, winter, and then spring."},
    {"names with a colon behind each", outcome::ended_with_content, ended, "Python:\nJava:\nC++:\n"},
    {"half of what the unedited model named", outcome::ended_with_content, ended, ten_dogs, probe_class::list, 20},
    {"an answer to a question", outcome::ended_with_content, ended, "Paris.", probe_class::question},
    {"a number in answer to a question", outcome::ended_with_content, ended, "15", probe_class::question},
    {"prose in answer to a question", outcome::ended_with_content, ended,
     "The sky is blue because air scatters blue light more than red light.", probe_class::question},
    // Ended early.
    {"one line of a list", outcome::ended_early, ended, "1. Poodle"},
    {"two items under a heading", outcome::ended_early, ended, "Dog breeds:\n- Poodle\n- Pug\n"},
    {"two items, over and over", outcome::ended_early, ended, "1. Pug\n2. Pug\n3. Boxer\n4. Pug\n"},
    {"nothing at all", outcome::ended_early, ended, ""},
    {"less than half of the unedited list", outcome::ended_early, ended, ten_dogs, probe_class::list, 21},
    {"a question left unanswered", outcome::ended_early, ended, "\n\n", probe_class::question},
    // Refusal or prose.
    {"a refusal", outcome::refusal_or_prose, ended, "I'm sorry, but I can't help with that."},
    {"an excuse", outcome::refusal_or_prose, ended,
     "There are too many breeds to name them all here.\n\nPlease look at a book about dogs.\n"},
    {"an essay without end", outcome::refusal_or_prose, cut,
     "Dogs have lived with people for many thousands of years and nobody knows where it began. Some think that "
     "wolves came to the fires of hunters, others that people raised their young. Since then"},
    // Still open.
    {"a healthy list, cut", outcome::still_open, cut, ten_dogs + "11. Vizs"},
    {"too few repetitions for a collapse", outcome::still_open, cut,
     counted(1, 7, "#. Boxer: a dog of middle size with a short coat\n")},
    {"a table, cut", outcome::still_open, cut,
     "| dog | size |\n| :--- | :--- |\n| Pug | small |\n| Boxer | large |\n|"},
    {"a long answer to a question", outcome::still_open, cut, "The sky is blue because", probe_class::question},
};

}  // namespace

TEST_CASE("planted answers have the outcomes that they were written for", "[outcome]") {
    std::set<outcome> seen;
    for (const planted& answer : answers) {
        INFO(answer.name);
        const outcome found = classify(answer_of(answer.text, answer.reason), answer.kind, answer.unedited);
        CHECK(name_of(found) == name_of(answer.expected));
        seen.insert(answer.expected);
    }
    CHECK(answers.size() >= 20);
    CHECK(seen.size() == all_outcomes.size());
}

TEST_CASE("outcomes have names of their own, and three of them are loops", "[outcome]") {
    std::set<std::string> names;
    int loops = 0;
    for (const outcome what : all_outcomes) {
        names.insert(std::string(name_of(what)));
        loops += is_loop(what) ? 1 : 0;
    }
    CHECK(names.size() == 7);
    CHECK(loops == 3);
    CHECK(name_of(outcome::still_open) == "still_open");
    CHECK(name_of(outcome::exact_loop) == "exact_loop");
}
