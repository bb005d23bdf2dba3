// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Places of targets in a layer, there and back.
#include <unloop/model/targets.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("each place of a layer is one target, in the order of the ids") {
    const layer_dimensions layer{5, 3, 2, 4, 6, 8};
    CHECK(count_targets<neuron_id>(layer) == 5);
    CHECK(count_targets<expert_id>(layer) == 3);
    CHECK(count_targets<expert_neuron_id>(layer) == 12);
    CHECK(count_targets<head_id>(layer) == 6);
    for_each_target_kind([&]<class Id>(target_kind<Id>) {
        std::set<Id> seen;
        for (std::size_t place = 0; place < count_targets<Id>(layer); ++place) {
            const Id id = target_at<Id>(7, place, layer);
            CHECK(id.layer == 7);
            CHECK(place_of(id, layer) == place);
            CHECK((seen.empty() || *seen.rbegin() < id));
            seen.insert(id);
        }
        CHECK(seen.size() == count_targets<Id>(layer));
    });
    CHECK(target_at<expert_neuron_id>(0, 9, layer) == expert_neuron_id{0, 2, 1});
}

TEST_CASE("a layer has no targets of a kind that it lacks") {
    CHECK(count_targets<neuron_id>({0, 3, 2, 4}) == 0);
    CHECK(count_targets<expert_id>({5}) == 0);
    CHECK(count_targets<expert_neuron_id>({5}) == 0);
}

TEST_CASE("dimensions are those of the traits") {
    layer_traits traits;
    traits.mlp_width = 5, traits.experts = 3, traits.experts_used = 2, traits.expert_width = 4;
    traits.heads = 6, traits.head_size = 8;
    CHECK(dimensions_of(traits) == layer_dimensions{5, 3, 2, 4, 6, 8});
    decoder_config config;
    config.layers = {traits, layer_traits{}};
    CHECK(dimensions_of(config) == std::vector<layer_dimensions>{{5, 3, 2, 4, 6, 8}, {}});
}
