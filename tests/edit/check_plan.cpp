// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans that do not fit a model are refused by name.
#include <unloop/edit/check_plan.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>

#include <cmath>

#include "support/fault_of.hpp"

namespace {

using namespace unloop;

decoder_config two_layers() {
    decoder_config config;
    config.layers.resize(2);
    config.layers[0].mlp_width = 1536, config.layers[1].mlp_width = 8;
    config.layers[0].heads = 9, config.layers[1].heads = 3;
    config.layers[1].experts = 4, config.layers[1].experts_used = 2, config.layers[1].expert_width = 20;
    return config;
}

}  // namespace

TEST_CASE("a target outside the model is named") {
    const decoder_config config = two_layers();
    const auto check = [&](neuron_id target, float factor = 0.0F) {
        return test::fault_of([&] { check_plan(suppress(neuron_id{0, 0}) + scale(target, factor), config); });
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

TEST_CASE("experts and their neurons outside the model are named") {
    const auto check = [&](const target_id& target) {
        return test::fault_of([&] { check_plan(invert(target), two_layers()); });
    };
    CHECK(check(expert_id{1, 3}) == "none");
    CHECK(check(expert_id{1, 4}) == "expert 1.4: layer 1 has 4 experts");
    CHECK(check(expert_id{0, 0}) == "expert 0.0: layer 0 has 0 experts");
    CHECK(check(expert_id{7, 0}) == "expert 7.0: the model has 2 layers");
    CHECK(check(expert_neuron_id{1, 3, 19}) == "none");
    CHECK(check(expert_neuron_id{1, 3, 20}) == "expert neuron 1.3.20: layer 1 has 20 neurons an expert");
    CHECK(check(expert_neuron_id{1, -1, 0}) == "expert neuron 1.-1.0: layer 1 has 4 experts");
}

TEST_CASE("heads outside the model are named") {
    const auto check = [&](head_id target) {
        return test::fault_of([&] { check_plan(invert(target), two_layers()); });
    };
    CHECK(check({0, 8}) == "none");
    CHECK(check({1, 3}) == "head 1.3: layer 1 has 3 heads");
    CHECK(check({2, 0}) == "head 2.0: the model has 2 layers");
}

TEST_CASE("a neuron that is copied from must not be replaced, before or after") {
    const auto check = [](const plan& edits) { return test::fault_of([&] { check_plan(edits, two_layers()); }); };
    const plan first = copy({1, 2}, 3), second = copy({1, 3}, 4);
    CHECK(check(first) == "none");
    CHECK(check(first + suppress(neuron_id{1, 3})) == "none");
    CHECK(check(first + copy({0, 3}, 4)) == "none");  // in another layer
    for (const plan& both : {first + second, second + first})
        CHECK(check(both) == "neuron 1.2: neuron 1.3 is itself replaced by a copy");
    CHECK(check(copy({1, 2}, 2)) == "neuron 1.2: neuron 1.2 is itself replaced by a copy");
}

TEST_CASE("as many experts as a token uses must stay unmasked") {
    const auto check = [&](const plan& edits) { return test::fault_of([&] { check_plan(edits, two_layers()); }); };
    const plan two = mask(std::vector<expert_id>{{1, 0}, {1, 3}});
    CHECK(check(two) == "none");
    CHECK(check(two + mask(expert_id{1, 3})) == "none");  // the same once more
    CHECK(check(two + suppress(expert_id{1, 1})) == "none");
    CHECK(check(two + mask(expert_id{1, 1})) == "layer 1: 3 of 4 experts are masked, and a token needs 2");
    CHECK(check(mask(expert_id{1, 4})) == "expert 1.4: layer 1 has 4 experts");
    CHECK(check(plan{{{neuron_id{1, 2}, 1.0F, edit_kind::mask}}, ""}) == "neuron 1.2: only experts can be masked");
}
