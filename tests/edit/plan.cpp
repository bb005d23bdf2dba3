// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans, their operators and their text.
#include <unloop/edit/plan.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/edit/plant.hpp>

#include <cmath>
#include <cstring>
#include <memory>
#include <sstream>

#include "laws/edit_plan.hpp"

namespace {

using namespace unloop;

static_assert(edit_operator<scale_by>);

/// Text of the error that `call` throws, or "none".
template <class Call>
std::string fault_of(const Call& call) {
    try {
        call();
    } catch (const error& fault) {
        return fault.what();
    }
    return "none";
}

decoder_config two_layers() {
    decoder_config config;
    config.layers.resize(2);
    config.layers[0].mlp_width = 1536, config.layers[1].mlp_width = 8;
    return config;
}

}  // namespace

TEST_CASE("operators make one edit a target, in the order given") {
    const std::vector<neuron_id> targets{{3, 5}, {1, 2}, {3, 5}};
    CHECK(suppress(targets).edits == std::vector<neuron_edit>{{{3, 5}, 0}, {{1, 2}, 0}, {{3, 5}, 0}});
    CHECK(invert(neuron_id{3, 5}).edits == std::vector<neuron_edit>{{{3, 5}, -1}});
    CHECK(scale(targets, 2.5F).edits == std::vector<neuron_edit>{{{3, 5}, 2.5F}, {{1, 2}, 2.5F}, {{3, 5}, 2.5F}});
    CHECK(scale(neuron_id{3, 5}, 2.5F) == scale_by{2.5F}(neuron_id{3, 5}));
}

TEST_CASE("plans add up in order, and so do their notes") {
    plan first = suppress(neuron_id{0, 1}), second = invert(neuron_id{0, 2});
    CHECK((first + second).note.empty());
    first.note = "one";
    CHECK((first + second).note == "one");
    second.note = "two";
    CHECK((first + second).note == "one\ntwo");
    CHECK((first + second).edits == std::vector<neuron_edit>{{{0, 1}, 0}, {{0, 2}, -1}});
}

TEST_CASE("the operators keep their laws", "[laws]") {
    for (const scale_by& edit : {suppress, invert, scale_by{2.5F}})
        CHECK(laws::broken_edit_operator_laws(edit).empty());
}

TEST_CASE("the laws of operators can be broken", "[laws]") {
    using targets = std::span<const neuron_id>;
    const auto elsewhere = [](targets given) {
        return given.empty() ? plan{} : invert(neuron_id{given[0].layer, given[0].neuron + 1});
    };
    const auto endless = [](targets given) { return scale(given, INFINITY); };
    const auto always = [](targets) { return invert(neuron_id{0, 0}); };
    const auto never = [](targets) { return plan{}; };
    const auto moody = [calls = std::make_shared<float>(0.0F)](targets given) { return scale(given, (*calls)++); };
    using names = std::vector<std::string>;
    const std::string restraint = "restraint: a plan names no neuron but its targets";
    CHECK(laws::broken_edit_operator_laws(elsewhere) == names{restraint});
    CHECK(laws::broken_edit_operator_laws(endless) == names{"finiteness: factors are finite"});
    CHECK(laws::broken_edit_operator_laws(always) == names{"silence: no targets, no edits", restraint});
    CHECK(laws::broken_edit_operator_laws(never) == names{"something: targets give edits"});
    CHECK(laws::broken_edit_operator_laws(moody) == names{"determinism: equal targets give equal plans"});
}

TEST_CASE("a target outside the model is named") {
    const decoder_config config = two_layers();
    const auto check = [&](neuron_id target, float factor = 0.0F) {
        return fault_of([&] { check_plan(suppress(neuron_id{0, 0}) + scale(target, factor), config); });
    };
    CHECK(check({0, 1535}) == "none");
    CHECK(check({1, 7}) == "none");
    CHECK(check({0, 9999}) == "neuron 0.9999: layer 0 has 1536 neurons");
    CHECK(check({0, 1536}) == "neuron 0.1536: layer 0 has 1536 neurons");
    CHECK(check({1, 8}) == "neuron 1.8: layer 1 has 8 neurons");
    CHECK(check({1, -1}) == "neuron 1.-1: layer 1 has 8 neurons");
    CHECK(check({2, 0}) == "neuron 2.0: the model has 2 layers");
    CHECK(check({-1, 0}) == "neuron -1.0: the model has 2 layers");
    CHECK(check({1, 7}, NAN) == "neuron 1.7: the factor must be finite");
    CHECK(check({1, 7}, -INFINITY) == "neuron 1.7: the factor must be finite");
}

TEST_CASE("edits as text read back as they were") {
    CHECK(to_string(neuron_edit{{10, 1234}, -0.8F}) == "10.1234=-0.8");
    CHECK(parse_neuron_edit("10.1234=-0.8") == neuron_edit{{10, 1234}, -0.8F});
    CHECK(parse_neuron_edit("0.0=3") == neuron_edit{{0, 0}, 3.0F});
    CHECK(parse_neuron_edit("0.0=2.5e-3") == neuron_edit{{0, 0}, 2.5e-3F});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random_bits(1, 0, i));
        float factor = 0;
        std::memcpy(&factor, &bits, sizeof factor);
        if (!std::isfinite(factor)) continue;
        const neuron_edit edit{{static_cast<std::int32_t>(i), 7}, factor};
        REQUIRE(parse_neuron_edit(to_string(edit)) == edit);
    }
}

TEST_CASE("text that is no edit is refused") {
    for (const char* const text :
         {"",        "1.2",   "1=2",   "1.2=",   ".2=1",   "1.=1",    "1.2=x",   "1.2=1x",   " 1.2=1",
          "1.2=1 ",  "a.2=1", "1.b=1", "-1.2=0", "1.-2=0", "1.2=inf", "1.2=nan", "1.2=1e99", "99999999999.2=1",
          "1.2.3=4", "1=2.5", "+1.2=0"}) {
        INFO(text);
        CHECK(fault_of([&] { (void)parse_neuron_edit(text); }) ==
              "'" + std::string(text) + "' is no edit; write LAYER.NEURON=FACTOR, for example 10.1234=-1");
    }
}

TEST_CASE("a plan prints its note and one edit a line") {
    plan edits = suppress(neuron_id{3, 5}) + scale(neuron_id{1, 2}, 2.5F);
    edits.note = "first\nsecond";
    std::ostringstream out;
    out << edits << neuron_edit{{1, 2}, 3};
    CHECK(out.str() == "# first\n# second\n3.5=0\n1.2=2.5\n1.2=3");
}

TEST_CASE("a planted fault is a power of two and its reciprocal") {
    const planted_fault planted = plant({1, 2}, 5);
    CHECK(planted.fault.edits == std::vector<neuron_edit>{{{1, 2}, 32.0F}});
    CHECK(planted.cure.edits == std::vector<neuron_edit>{{{1, 2}, 0x1p-5F}});
    CHECK(plant({1, 2}, -24).fault.edits[0].factor == 0x1p-24F);
    for (int exponent : {0, 25, -25}) CHECK(fault_of([&] { (void)plant({1, 2}, exponent); }).substr(0, 6) == "plant:");
}
