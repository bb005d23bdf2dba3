// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The list of sites: each once, with a name of its own.
#include <unloop/blocks/sites.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>     // names differ
#include <string>  // names
#include <vector>  // order

using namespace unloop;

TEST_CASE("every site is in the list once, with a name of its own that files can rely on") {
    std::vector<std::string> names;
    int once_a_layer = 0;
    sites::for_each_site([&](auto site) {
        names.emplace_back(site.name);
        once_a_layer += site.every_layer;
    });
    CHECK(names == std::vector<std::string>{"hidden", "attn_keys", "attn_queries", "attn_heads", "attn_out", "mlp_gate",
                                            "mlp_up", "mlp_neurons", "dense_out", "router_logits", "router_prob",
                                            "router_top_k_weight", "expert_neurons", "experts_out", "mlp_out",
                                            "per_layer_inputs", "per_layer_out", "final_norm", "logits"});
    CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
    CHECK(once_a_layer == 17);
}
