// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Ids are ordered by layer first, then by the place within it.
#include <unloop/core/ids.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>  // sort
#include <vector>     // ids

using namespace unloop;

TEST_CASE("ids order by layer, then within the layer") {
    std::vector<neuron_id> neurons{{2, 0}, {0, 9}, {1, 3}, {0, 10}, {1, 2}};
    std::sort(neurons.begin(), neurons.end());
    CHECK(neurons == std::vector<neuron_id>{{0, 9}, {0, 10}, {1, 2}, {1, 3}, {2, 0}});
    CHECK(expert_id{0, 127} < expert_id{1, 0});
    CHECK(head_id{3, 1} < head_id{3, 2});
    CHECK(expert_neuron_id{1, 2, 9} < expert_neuron_id{1, 3, 0});
    CHECK(expert_neuron_id{1, 2, 3} < expert_neuron_id{1, 2, 4});
    CHECK(expert_neuron_id{0, 9, 9} < expert_neuron_id{1, 0, 0});
}

TEST_CASE("ids are equal when every part is") {
    CHECK(neuron_id{4, 5} == neuron_id{4, 5});
    CHECK(neuron_id{4, 5} != neuron_id{5, 4});
    CHECK(expert_neuron_id{4, 5, 6} != expert_neuron_id{4, 5, 7});
}
