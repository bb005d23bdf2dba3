// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Suites as people write them, what is wrong with them, and the suites of examples/probes.
#include <unloop/evaluate/probe_suite_json.hpp>

#include <unloop/evaluate/gold.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/fault_of.hpp"

using namespace unloop;

namespace {

std::string fault_of_suite(const std::string& text) {
    return test::fault_of([&] { (void)parse_probe_suite(text, "my.json"); });
}

probe_suite example(const std::string& name) {
    return read_probe_suite(std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/" + name + ".json");
}

}  // namespace

TEST_CASE("a suite is every topic in every form, then the prompts", "[probe_suite]") {
    const probe_suite suite = parse_probe_suite(R"({"name": "n", "about": "x", "role": "fit", "class": "list",
        "forms": ["List {}.", "Name {} please."],
        "topics": ["bears", {"topic": "gases", "gold": ["neon", "argon|Ar"]}],
        "prompts": ["Count.", {"prompt": "Say all.", "topic": "t", "gold": ["a"]}]})",
                                                "my.json");
    CHECK(suite.name == "n");
    CHECK(suite.role == data_role::fit);
    REQUIRE(suite.probes.size() == 6);
    CHECK(suite.probes[1].prompt == "Name bears please.");
    CHECK(suite.probes[1].topic == "bears");
    CHECK(suite.probes[1].form == "Name {} please.");
    CHECK(suite.probes[1].gold.empty());
    CHECK(suite.probes[2].prompt == "List gases.");
    CHECK(suite.probes[3].gold == std::vector<std::string>{"neon", "argon|Ar"});
    CHECK(suite.probes[4].prompt == "Count.");
    CHECK(suite.probes[4].topic == "Count.");
    CHECK(suite.probes[5].topic == "t");
    CHECK(suite.probes[5].kind == probe_class::list);
}

TEST_CASE("errors name the file and the place", "[probe_suite]") {
    const std::string head = R"({"name": "n", "role": "fit", "class": "list", )";
    CHECK(fault_of_suite(head + R"("prompts": ["a", 3]})") ==
          "my.json: 'prompts[1]': must be a string that is not empty");
    CHECK(fault_of_suite(head + R"("forms": ["List {}."], "topics": [{"topic": "t", "gold": ["a", ""]}]})") ==
          "my.json: 'topics[0].gold[1]': must be a string that is not empty");
    CHECK(fault_of_suite(head + R"("forms": ["List all."], "topics": ["t"]})") ==
          "my.json: 'forms[0]': has no {} for the topic");
    CHECK(fault_of_suite(head + R"("topics": ["t"]})") == "my.json: has no 'forms'");
    CHECK(fault_of_suite(head + R"("prompt": ["t"]})") == "my.json: has a key that is not known: 'prompt'");
    CHECK(fault_of_suite(head + R"("prompts": "t"})") == "my.json: 'prompts': must be a list");
    CHECK(fault_of_suite(R"({"name": "n", "role": "test", "class": "list", "prompts": ["a"]})") ==
          "my.json: 'role': must be one of: fit, select, report");
    CHECK(fault_of_suite(head + R"("forms": []})") == "my.json: has neither topics nor prompts");
    CHECK(fault_of_suite("[]") == "my.json: must be an object");
    CHECK(fault_of_suite("{\"name\": }").starts_with("my.json: at offset 9: "));
}

TEST_CASE("a text file has one prompt a line", "[probe_suite]") {
    const probe_suite suite = parse_prompt_lines("List dogs.\r\n\n  \nList cats.", "p.txt");
    REQUIRE(suite.probes.size() == 2);
    CHECK(suite.probes[0].prompt == "List dogs.");
    CHECK(suite.probes[1].prompt == "List cats.");
    CHECK_THROWS_AS(parse_prompt_lines(" \n", "p.txt"), error);
    const std::string path = "probe_suite_json_test.txt";
    std::ofstream(path) << "List birds.\n";
    CHECK(read_probe_suite(path).probes.at(0).prompt == "List birds.");
    std::remove(path.c_str());
    CHECK_THROWS_AS(read_probe_suite("no such file.json"), error);
}

TEST_CASE("the example suites hold what they say, and no topic has two roles", "[probe_suite]") {
    std::map<std::string, std::string> suite_of_topic;
    for (const char* const role : {"fit", "select", "report"})
        for (const char* const kind : {"lists", "easy"}) {
            const std::string name = std::string(kind) + "_" + role;
            const probe_suite suite = example(name);
            CHECK(suite.name == name);
            CHECK(name_of(suite.role) == role);
            CHECK(suite.probes.size() == (name.starts_with("lists") ? 72 : 16));
            for (const probe& asked : suite.probes) {
                INFO(asked.topic);
                CHECK(suite_of_topic.try_emplace(asked.topic, name).first->second == name);
                CHECK(asked.kind == (name.starts_with("lists") ? probe_class::list : probe_class::question));
            }
        }
    CHECK(suite_of_topic.size() == 3 * (24 + 16));
}

TEST_CASE("closed lists have what the test of known items needs, and at least ten topics of a role have one",
          "[probe_suite]") {
    std::size_t lists = 0;
    for (const char* const name : {"lists_fit", "lists_select", "lists_report"}) {
        const probe_suite suite = example(name);
        lists += suite.lists.size();
        if (std::string(name) != "lists_fit") CHECK(suite.lists.size() >= 10);
        for (const closed_list& list : suite.lists) {
            INFO(list.topic);
            CHECK((list.one.starts_with("a ") || list.one.starts_with("an ")));
            CHECK(list.distractors.size() >= 8);
            const gold_list gold(list.items);
            std::set<std::string> forms;
            for (const std::string& distractor : list.distractors) {
                INFO(distractor);
                CHECK_FALSE(gold.find(item_form(distractor)));
                CHECK(forms.insert(gold_form(distractor)).second);
            }
            for (const probe& asked : suite.probes)
                if (asked.topic == list.topic) CHECK(asked.gold == list.items);
        }
        for (const probe& asked : suite.probes) CHECK(asked.known.empty());
    }
    CHECK(lists == read_closed_lists(std::string(UNLOOP_TEST_DATA) + "/../../examples/probes/gold.json").size());
}

TEST_CASE("errors of closed lists name the place", "[probe_suite]") {
    const auto fault = [](const std::string& text) {
        return test::fault_of([&] { (void)parse_closed_lists(text, "gold.json"); });
    };
    const std::string gases = R"({"topic": "t", "one": "a", "source": "s", "items": ["x"], "distractors": []})";
    CHECK(parse_closed_lists("{\"lists\": [" + gases + "]}", "gold.json").front().items.size() == 1);
    CHECK(fault("{\"lists\": [" + gases + ", " + gases + "]}") == "gold.json: 'lists[1].topic': has a list already");
    CHECK(fault(R"({"lists": [{"topic": "t", "one": "a", "source": "s", "items": [], "distractors": []}]})") ==
          "gold.json: 'lists[0].items': is empty");
    CHECK(fault(R"({"lists": [{"topic": "t"}]})") == "gold.json: 'lists[0]': has no 'one'");
    CHECK_THROWS_AS(parse_probe_suite(R"({"name": "n", "role": "fit", "class": "list", "gold": "none.json",
                                          "prompts": ["a"]})",
                                      "my.json"),
                    error);
}

TEST_CASE("every phrase of the example gold lists names its own item", "[probe_suite]") {
    std::size_t lists = 0;
    for (const char* const name : {"lists_fit", "lists_select", "lists_report"}) {
        std::string latest;
        for (const probe& asked : example(name).probes) {
            if (asked.gold.empty() || asked.topic == latest) continue;
            latest = asked.topic;
            ++lists;
            const gold_list gold(asked.gold);
            std::set<std::string> forms;
            for (std::size_t i = 0; i < asked.gold.size(); ++i) {
                std::string rest = asked.gold[i] + "|";
                for (std::size_t bar; (bar = rest.find('|')) != std::string::npos; rest.erase(0, bar + 1)) {
                    const std::string phrase = rest.substr(0, bar);
                    INFO(asked.topic << ": " << phrase);
                    CHECK(gold.find(item_form(phrase)) == i);
                    CHECK(forms.insert(gold_form(phrase)).second);
                }
            }
        }
    }
    CHECK(lists == 31);
}
