// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Targets: their kinds, their text and their order.
#include <unloop/core/target.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace {

using namespace unloop;

static_assert(target_type<neuron_id> && target_type<expert_id> && target_type<expert_neuron_id> &&
              target_type<head_id>);
static_assert(!target_type<target_id> && !target_type<int>);
static_assert(target_list<std::vector<neuron_id>> && target_list<std::span<const target_id>>);
static_assert(!target_list<target_id> && !target_list<neuron_id> && !target_list<std::vector<int>>);

}  // namespace

TEST_CASE("every kind is visited once, and each id is of its kind") {
    std::vector<std::string> names;
    for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
        names.emplace_back(kind.name);
        CHECK(name_of(kind_of(Id{})) == kind.name);
        CHECK(kind.fields.front().name == "layer");
    });
    CHECK(names == std::vector<std::string>{"neuron", "expert", "expert neuron", "head"});
}

TEST_CASE("a target says its kind and its numbers") {
    CHECK(to_string(target_id(neuron_id{3, 17})) == "neuron 3.17");
    CHECK(to_string(target_id(expert_id{3, 5})) == "expert 3.5");
    CHECK(to_string(target_id(expert_neuron_id{3, 5, 17})) == "expert neuron 3.5.17");
    CHECK(to_string(target_id(head_id{3, 8})) == "head 3.8");
    CHECK(layer_of(expert_neuron_id{3, 5, 17}) == 3);
    CHECK(dotted(expert_neuron_id{3, 5, 17}) == "3.5.17");
}

TEST_CASE("targets are ordered by kind, then by id") {
    const std::vector<target_id> sorted{neuron_id{0, 9},           neuron_id{1, 0},           expert_id{0, 2},
                                        expert_neuron_id{0, 0, 1}, expert_neuron_id{0, 1, 0}, head_id{0, 0}};
    CHECK(std::is_sorted(sorted.begin(), sorted.end()));
    CHECK(target_id(neuron_id{3, 5}) != target_id(expert_id{3, 5}));
}
