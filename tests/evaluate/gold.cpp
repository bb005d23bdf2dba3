// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Items against closed lists.
#include <unloop/evaluate/gold.hpp>

#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>
#include <vector>

using namespace unloop;

namespace {

const std::vector<std::string> places{"Virginia",
                                      "West Virginia",
                                      "Washington",
                                      "Guinea",
                                      "Guinea-Bissau",
                                      "Saint Lucia|St. Lucia",
                                      "Trinidad and Tobago",
                                      "Côte d'Ivoire|Ivory Coast",
                                      "Georgia",
                                      "Athens",
                                      "Winter Is Coming",
                                      "Dark Wings, Dark Words"};

std::string named(const std::string& item) {
    const auto index = gold_list(places).find(item);
    return index ? places[*index] : "-";
}

}  // namespace

TEST_CASE("compared forms leave out what people write in different ways", "[gold]") {
    CHECK(gold_form("The St. Kitts & Nevis!") == "st kitts and nevis");
    CHECK(gold_form("Guinea-Bissau") == "guinea bissau");
    CHECK(gold_form("Cat\u2019s in the Bag...") == gold_form("Cat's in the Bag"));
    CHECK(gold_form("C\u00F4te d'Ivoire") == "c\u00F4te divoire");
    CHECK(gold_form("  -- ") == "");
}

TEST_CASE("an item names the gold item in its first part", "[gold]") {
    CHECK(named("virginia") == "Virginia");
    CHECK(named("The State of Virginia") == "Virginia");
    CHECK(named("West Virginia") == "West Virginia");
    CHECK(named("guinea") == "Guinea");
    CHECK(named("Guinea Bissau") == "Guinea-Bissau");
    CHECK(named("Virginian") == "-");
    CHECK(named("St Lucia (Castries)") == "Saint Lucia|St. Lucia");
    CHECK(named("Trinidad & Tobago") == "Trinidad and Tobago");
    CHECK(named("Ivory Coast: Yamoussoukro") == "Côte d'Ivoire|Ivory Coast");
    CHECK(named("Virginia - borders West Virginia") == "Virginia");
    CHECK(named("Puerto Rico - sailed from Georgia") == "-");
    CHECK(named("Puerto Rico (Georgia)") == "-");
    CHECK(named("") == "-");
}

TEST_CASE("counters in front and signs within an item are passed over", "[gold]") {
    CHECK(named("1896 - Athens, Greece") == "Athens");
    CHECK(named("Season 1, Episode 1: Winter Is Coming") == "Winter Is Coming");
    CHECK(named("1896 - Rome, near Athens") == "-");
    CHECK(named("dark wings, dark words (season 3)") == "Dark Wings, Dark Words");
}

TEST_CASE("items that name the same gold item count once", "[gold]") {
    const gold_list list(places);
    const answer_items answer =
        read_answer("1. Georgia\n2. Georgia (state)\n3. Atlantis\n4. Athens\n5. Georgia\n", answer_end::natural);
    CHECK(list.score(answer) == gold_score{{2, 12}, {2, 3}});
    CHECK(list.score({}) == gold_score{{0, 12}, {0, 0}});
}
