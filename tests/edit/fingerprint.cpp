// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Fingerprints tell a plan's own model from any other.
#include <unloop/edit/fingerprint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>

#include "edit/golden_llama.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

const plan edits = suppress(neuron_id{2, 7}) + invert(neuron_id{0, 90}) + invert(neuron_id{0, 5});

}  // namespace

TEST_CASE("a fingerprint holds the dimensions, and the hash of the touched rows by layer") {
    const auto checkpoint = gguf::open(golden::path(test::q8_llama));
    const plan_fingerprint made = fingerprint_of(edits, checkpoint);
    CHECK(made.family == "llama");
    CHECK(made.hidden == 64);
    CHECK(made.vocabulary == 272);
    CHECK(made.layers == std::vector<layer_dimensions>(3, layer_dimensions{96, 0, 0, 0, 4, 16}));
    REQUIRE(made.rows.size() == 2);
    CHECK(made.rows[0].parameter == parameter_name{0, parameter_role::up});
    CHECK(made.rows[1].parameter == parameter_name{2, parameter_role::up});
    CHECK(made.rows[0].format == "Q8_0");
    sha256 hash;
    for (const std::size_t row : {5U, 90U}) hash.update(checkpoint.weights("blk.0.ffn_up.weight").row(row));
    CHECK(made.rows[0].sha256 == hash.finish());
}

TEST_CASE("each dimension that differs is named") {
    const decoder_config config = read_config(gguf::open(golden::path(test::q8_llama)));
    const auto fault = [&](const auto& change) {
        plan_fingerprint wanted = fingerprint_of(config);
        change(wanted);
        return test::fault_of([&] { check_dimensions(wanted, config); });
    };
    const std::string begin = "the plan is for a model of ";
    CHECK(fault([](auto&) {}) == "none");
    CHECK(fault([](auto& of) { of.family = "gemma"; }) == begin + "family gemma, this one has llama");
    CHECK(fault([](auto& of) { of.hidden = 65; }) == begin + "hidden size 65, this one has 64");
    CHECK(fault([](auto& of) { of.vocabulary = 1; }) == begin + "vocabulary 1, this one has 272");
    CHECK(fault([](auto& of) { of.layers.pop_back(); }) == begin + "layers 2, this one has 3");
    CHECK(fault([](auto& of) { of.layers[1].mlp_width = 8; }) == begin + "MLP width in layer 1 8, this one has 96");
    CHECK(fault([](auto& of) { of.layers[2].experts = 8; }) ==
          begin + "number of experts in layer 2 8, this one has 0");
    CHECK(fault([](auto& of) { of.layers[0].expert_width = 5; }) ==
          begin + "expert width in layer 0 5, this one has 0");
    CHECK(fault([](auto& of) { of.layers[0].heads = 8; }) == begin + "number of heads in layer 0 8, this one has 4");
    CHECK(fault([](auto& of) { of.layers[1].head_size = 8; }) == begin + "head size in layer 1 8, this one has 16");
    CHECK(fault([](auto& of) {
              for (auto& layer : of.layers) layer.heads = layer.head_size = 0;  // a plan of version 1 or 2
          }) == "none");
}

TEST_CASE("rows that are not those of the fingerprint are refused") {
    auto model = test::load_llama(golden::path(test::q8_llama));
    const plan_fingerprint made = fingerprint_of(edits, model.file());
    const auto fault = [&](const plan_fingerprint& wanted, const auto& file) {
        return test::fault_of([&] { check_rows(wanted, edits, file); });
    };
    CHECK(fault(made, model.file()) == "none");
    CHECK(fault(fingerprint_of(model.config()), model.file()) == "none");  // made for any weights
    CHECK(fault(made, gguf::open(golden::path(test::bf16_llama))).find("'blk.0.ffn_up.weight'") != std::string::npos);
    {
        const scoped_edit edited(model, scale(neuron_id{2, 7}, 2.0F));
        CHECK(fault(made, model.file()).find("'blk.2.ffn_up.weight'") != std::string::npos);
    }
    {
        const scoped_edit elsewhere(model, scale(neuron_id{2, 8}, 2.0F));
        CHECK(fault(made, model.file()) == "none");
    }
    plan_fingerprint longer = made, shorter = made;
    longer.rows.push_back(longer.rows.back());
    shorter.rows.pop_back();
    CHECK(fault(longer, model.file()).find("rows that it does not edit") != std::string::npos);
    CHECK(fault(shorter, model.file()).find("'blk.2.ffn_up.weight'") != std::string::npos);
}
