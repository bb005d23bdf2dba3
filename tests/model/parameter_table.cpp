// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parameters by name are those that the blocks compute with.
#include <unloop/model/parameter_table.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/io/load.hpp>

#include "support/golden.hpp"

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("a table holds the slots of a model of any family, and nothing else") {
    const auto moe = load<gemma4>(hugging_face::open(golden::path("models/moe")), dispatched{});
    const parameter_table of_moe(moe.decoder());
    const auto& layer = moe.decoder().layer(2);
    REQUIRE(of_moe.matrix({2, parameter_role::down}) != nullptr);
    CHECK(of_moe.matrix({2, parameter_role::down})->data == layer.feed_forward.dense.down.data);
    REQUIRE(of_moe.matrix({2, parameter_role::expert_up, 7}) != nullptr);
    CHECK(of_moe.matrix({2, parameter_role::expert_up, 7})->data == layer.feed_forward.experts.experts[7].up.data);
    CHECK(of_moe.matrix({2, parameter_role::expert_up, 8}) == nullptr);
    CHECK(of_moe.matrix({2, parameter_role::expert_up}) == nullptr);
    CHECK(of_moe.matrix({4, parameter_role::down}) == nullptr);
    CHECK(of_moe.vector({2, parameter_role::feed_forward_output_norm}).data() ==
          layer.wiring.feed_forward_output.weight.data());
    CHECK(of_moe.vector({2, parameter_role::layer_scale}).size() == 1);
    CHECK(of_moe.vector({2, parameter_role::down}).empty());

    const auto plain = load<llama>(hugging_face::open(golden::path("models/llama")), dispatched{});
    const parameter_table of_plain(plain.decoder());
    CHECK(of_plain.matrix({1, parameter_role::up}) != nullptr);
    CHECK(of_plain.vector({1, parameter_role::feed_forward_output_norm}).empty());
    CHECK(of_plain.vector({1, parameter_role::layer_scale}).empty());
}
