// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Edits as text, there and back.
#include <unloop/edit/plan_text.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/operators.hpp>

#include <cmath>
#include <cstring>
#include <sstream>

#include "support/fault_of.hpp"

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("edits as text read back as they were") {
    CHECK(to_string(target_edit{neuron_id{10, 1234}, -0.8F}) == "10.1234=-0.8");
    CHECK(parse_edit<neuron_id>("10.1234=-0.8") == target_edit{neuron_id{10, 1234}, -0.8F});
    CHECK(parse_edit<neuron_id>("0.0=3") == target_edit{neuron_id{0, 0}, 3.0F});
    CHECK(parse_edit<neuron_id>("0.0=2.5e-3") == target_edit{neuron_id{0, 0}, 2.5e-3F});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random_bits(1, 0, i));
        float factor = 0;
        std::memcpy(&factor, &bits, sizeof factor);
        if (!std::isfinite(factor)) continue;
        const target_edit edit{neuron_id{static_cast<std::int32_t>(i), 7}, factor};
        REQUIRE(parse_edit<neuron_id>(to_string(edit)) == edit);
    }
}

TEST_CASE("text that is no edit is refused") {
    for (const char* const text :
         {"",        "1.2",   "1=2",   "1.2=",   ".2=1",   "1.=1",    "1.2=x",   "1.2=1x",   " 1.2=1",
          "1.2=1 ",  "a.2=1", "1.b=1", "-1.2=0", "1.-2=0", "1.2=inf", "1.2=nan", "1.2=1e99", "99999999999.2=1",
          "1.2.3=4", "1=2.5", "+1.2=0"}) {
        INFO(text);
        CHECK(test::fault_of([&] { (void)parse_edit<neuron_id>(text); }) ==
              "'" + std::string(text) + "' is no edit; write LAYER.NEURON=FACTOR, for example 10.1234=-1");
    }
}

TEST_CASE("other kinds say what they are") {
    CHECK(to_string(target_edit{expert_id{10, 7}, 0.0F}) == "expert 10.7=0");
    CHECK(to_string(target_edit{expert_neuron_id{10, 7, 123}, 2.5F}) == "expert neuron 10.7.123=2.5");
    CHECK(to_string(mask(expert_id{10, 7}).edits[0]) == "mask expert 10.7");
    CHECK(parse_edit<expert_id>("10.7=0") == target_edit{expert_id{10, 7}, 0.0F});
    CHECK(parse_edit<expert_neuron_id>("10.7.123=-1") == target_edit{expert_neuron_id{10, 7, 123}, -1.0F});
    CHECK(parse_target<expert_id>("10.7") == expert_id{10, 7});
    for (const char* const text : {"1.2=0", "1.2.3.4=0", "1..3=0", "1.2.3", "1.2.-3=0"})
        CHECK(test::fault_of([&] { (void)parse_edit<expert_neuron_id>(text); }) ==
              "'" + std::string(text) + "' is no edit; write LAYER.EXPERT.NEURON=FACTOR, for example 10.7.123=-1");
    for (const char* const text : {"1", "1.2.3", "1.2=0", ".2", "1.", "-1.2", ""})
        CHECK(test::fault_of([&] { (void)parse_target<expert_id>(text); }) ==
              "'" + std::string(text) + "' is no expert; write LAYER.EXPERT, for example 10.7");
}

TEST_CASE("a plan prints its note and one edit a line") {
    plan edits = suppress(neuron_id{3, 5}) + scale(neuron_id{1, 2}, 2.5F);
    edits.note = "first\nsecond";
    std::ostringstream out;
    out << edits << target_edit{neuron_id{1, 2}, 3};
    CHECK(out.str() == "# first\n# second\n3.5=0\n1.2=2.5\n1.2=3");
}
