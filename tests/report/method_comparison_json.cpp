// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What a comparison of methods found, as JSON.
#include <catch2/catch_test_macros.hpp>
#include <unloop/report/method_comparison_json.hpp>

using namespace unloop;

TEST_CASE("comparisons of methods are told in JSON") {
    method_comparisons found;
    found.tried = {neuron_id{0, 1}, neuron_id{1, 0}};
    found.drawn = {true, false}, found.exact = {0.5, -2};
    method_comparison method{
        "mine", method_role::baseline, 1.5, 2048, target_scores(std::vector<layer_dimensions>{{.mlp_width = 2}}), {},
        {}};
    method.kinds.push_back({target_kind<neuron_id>{}, 0.5, std::nullopt, {0.25, std::nullopt}, 0.75, 1.0, 0.5});
    method.kinds.back().signed_ranks_by_layer = {std::nullopt, 0.5};
    method.kinds.back().overlap_by_layer = {1.0, std::nullopt};
    method.ranks_of_planted = {1, 4};
    found.methods.push_back(method);
    const boost::json::object told = to_json(found);
    CHECK(told.at("exact").at(1) ==
          boost::json::value{{"kind", "neuron"}, {"layer", 1}, {"neuron", 0}, {"drawn", false}, {"effect", -2.0}});
    const boost::json::value& first = told.at("methods").at(0);
    CHECK(first.at("role") == "baseline");
    CHECK(first.at("precision") == boost::json::value{{"1", 0.5}, {"3", 0.5}, {"10", 1.0}});
    CHECK(first.at("kinds").at(0).at("spearman_of_sizes_by_layer") ==
          boost::json::value(boost::json::array{0.25, nullptr}));
    CHECK(first.at("kinds").at(0).at("spearman_of_sizes").is_null());
    CHECK(first.at("kinds").at(0).at("spearman_by_layer") == boost::json::value(boost::json::array{nullptr, 0.5}));
    CHECK(first.at("kinds").at(0).at("top_overlap_by_layer") == boost::json::value(boost::json::array{1.0, nullptr}));
}
