// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plan documents: there and back, written by hand, and refused with the name of what is wrong.
#include <unloop/edit/plan_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>

#include <cmath>
#include <cstring>

#include "edit/golden_llama.hpp"
#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

/// What a person would write for the golden llama.
const std::string by_hand = R"({
  "format": "unloop plan", "version": 1, "index_base": 0,
  "family": "llama",
  "dimensions": {"layers": 3, "hidden": 64, "mlp_width": 96, "vocabulary": 272},
  "edits": [
    {"kind": "neuron", "role": "up", "layer": 1, "neuron": 2, "operator": "suppress"},
    {"kind": "neuron", "role": "up", "layer": 2, "neuron": 95, "operator": "invert"},
    {"kind": "neuron", "role": "up", "layer": 0, "neuron": 5, "operator": "scale", "factor": -0.8}
  ]
})";

/// The refusal of `by_hand` with `old` replaced, without the name of the document.
std::string fault_with(const std::string& old, const std::string& replacement) {
    std::string text = by_hand;
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    text.replace(at, old.size(), replacement);
    const std::string fault = test::fault_of([&] { (void)parse_plan(text, "plan.json"); });
    return fault.rfind("plan.json: ", 0) == 0 ? fault.substr(11) : fault;
}

}  // namespace

TEST_CASE("a document written by hand is a plan") {
    const plan_document document = parse_plan(by_hand, "plan.json");
    CHECK(document.plan.edits ==
          std::vector<target_edit>{{neuron_id{1, 2}, 0}, {neuron_id{2, 95}, -1}, {neuron_id{0, 5}, -0.8F}});
    CHECK(document.plan.note.empty());
    CHECK(document.fingerprint.rows.empty());
    check_dimensions(document.fingerprint, read_config(gguf::open(golden::path(test::q8_llama))));
}

TEST_CASE("documents read back as they were") {
    const auto checkpoint = gguf::open(golden::path(test::q8_llama));
    const test::scratch_folder folder;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        plan edits = test::random_plan(seed, 1 + seed % 7, {0.0F, -1.0F, 2.0F, 0.1F, -0.8F, 1e-20F, 3.3333333F});
        edits.note = seed % 2 == 0 ? "" : "two lines\nand \"quotes\" \xC3\xA9";
        boost::json::object provenance;
        if (seed % 3 == 0) provenance = {{"suite", "lists"}, {"seeds", {1, 2, 3}}, {"nested", {{"score", 0.25}}}};
        const plan_document written{edits, fingerprint_of(edits, checkpoint), provenance};
        write_json(folder.file("plan.json"), to_json(written));
        const plan_document read = read_plan(folder.file("plan.json"));
        CHECK(read.plan == written.plan);
        CHECK(read.fingerprint == written.fingerprint);
        CHECK(read.provenance == written.provenance);
        check_rows(read.fingerprint, read.plan, checkpoint);
    }
}

TEST_CASE("every finite factor reads back bit for bit") {
    plan_document written{suppress(neuron_id{0, 0}), {"llama", 64, 272, {{96}}, {}}, {}};
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto bits = static_cast<std::uint32_t>(random_bits(5, 0, i));
        float factor = 0;
        std::memcpy(&factor, &bits, sizeof factor);
        if (!std::isfinite(factor)) continue;
        written.plan.edits[0].factor = factor;
        const plan_document read = parse_plan(to_readable_text(to_json(written)), "plan.json");
        REQUIRE(read.plan.edits[0].factor == factor);
    }
}

TEST_CASE("layers of different widths are listed") {
    const plan_fingerprint mixed{"gemma", 8, 16, {{4}, {4}, {8}}, {}};
    const auto json = to_json(suppress(neuron_id{2, 7}), mixed);
    CHECK(boost::json::serialize(json.at("dimensions").at("mlp_width")) == "[4,4,8]");
    CHECK(parse_plan(boost::json::serialize(json), "plan.json").fingerprint == mixed);
}

TEST_CASE("experts and their neurons stand in documents, of every version") {
    plan edits = suppress(expert_id{1, 7}) + scale(expert_neuron_id{1, 7, 4}, -0.8F) + mask(expert_id{0, 2}) +
                 invert(neuron_id{0, 3});
    const plan_fingerprint mixed{
        "gemma4", 8, 16, {{4, 8, 2, 5}, {4, 8, 2, 5}}, {{{1, parameter_role::expert_up, 7}, "BF16", "00ff"}}};
    const auto json = to_json(edits, mixed);
    CHECK(to_readable_text(json) == R"({
  "format": "unloop plan",
  "version": 3,
  "index_base": 0,
  "note": "",
  "family": "gemma4",
  "dimensions": {"layers": 2, "hidden": 8, "mlp_width": 4, "experts": 8, "experts_used": 2, "expert_width": 5, )"
                                    R"("vocabulary": 16},
  "edits": [
    {"kind": "expert", "layer": 1, "expert": 7, "operator": "suppress", "factor": 0},
    {"kind": "expert_neuron", "layer": 1, "expert": 7, "neuron": 4, "role": "expert_up", "operator": "scale", )"
                                    R"("factor": -0.8},
    {"kind": "expert", "layer": 0, "expert": 2, "operator": "mask"},
    {"kind": "neuron", "layer": 0, "neuron": 3, "role": "up", "operator": "invert", "factor": -1}
  ],
  "fingerprint": {
    "of": "touched rows before the edit, ascending, one hash a parameter",
    "rows": [
      {"layer": 1, "role": "expert_up", "expert": 7, "format": "BF16", "sha256": "00ff"}
    ]
  }
}
)");
    const plan_document read = parse_plan(boost::json::serialize(json), "plan.json");
    CHECK(read.plan == edits);
    CHECK(read.fingerprint == mixed);
    const auto fault = [&](const plan& wrong) {
        return test::fault_of([&] { (void)parse_plan(boost::json::serialize(to_json(wrong, mixed)), "plan.json"); });
    };
    CHECK(fault(invert(expert_id{1, 8})) == "plan.json: 'edits': expert 1.8: layer 1 has 8 experts");
    CHECK(fault(invert(expert_neuron_id{1, 7, 5})) ==
          "plan.json: 'edits': expert neuron 1.7.5: layer 1 has 5 neurons an expert");
    CHECK(fault(plan{{{neuron_id{1, 2}, 1.0F, edit_kind::mask}}, ""}) ==
          "plan.json: 'edits': neuron 1.2: only experts can be masked");
}

TEST_CASE("a document explains itself to a reader") {
    const plan_fingerprint fingerprint{"llama", 64, 272, {{96}, {96}}, {{{1, parameter_role::up}, "Q8_0", "00ff"}}};
    CHECK(to_readable_text(to_json(scale(neuron_id{1, 2}, 2.5F), fingerprint, {{"suite", "lists"}})) == R"({
  "format": "unloop plan",
  "version": 3,
  "index_base": 0,
  "note": "",
  "family": "llama",
  "dimensions": {"layers": 2, "hidden": 64, "mlp_width": 96, "vocabulary": 272},
  "edits": [
    {"kind": "neuron", "layer": 1, "neuron": 2, "role": "up", "operator": "scale", "factor": 2.5}
  ],
  "fingerprint": {
    "of": "touched rows before the edit, ascending, one hash a parameter",
    "rows": [
      {"layer": 1, "role": "up", "format": "Q8_0", "sha256": "00ff"}
    ]
  },
  "provenance": {"suite": "lists"}
}
)");
}

TEST_CASE("what is wrong in a document is named") {
    CHECK(fault_with("unloop plan", "plan") == "'format': is 'plan', only 'unloop plan' is known");
    CHECK(fault_with("\"version\": 1", "\"version\": 4") == "'version': is 4, only 1 to 3 are known");
    CHECK(fault_with("\"version\": 1, ", "") == "'version': is missing");
    CHECK(fault_with("\"index_base\": 0", "\"index_base\": 1") == "'index_base': is 1, only 0 is known");
    CHECK(fault_with("\"family\"", "\"familie\"") == "'family': is missing");
    CHECK(fault_with("\"edits\"", "\"speed\": 1, \"edits\"") == "'speed': is not a key that is known");
    CHECK(fault_with("\"hidden\": 64", "\"hidden\": 64.0") ==
          "'dimensions.hidden': must be an integer from 0 to 18446744073709551615");
    CHECK(fault_with("\"hidden\"", "\"depth\": 1, \"hidden\"") == "'dimensions.depth': is not a key that is known");
    CHECK(fault_with("\"mlp_width\": 96", "\"mlp_width\": [96, 96]") ==
          "'dimensions.mlp_width': must have one entry for each layer");
    CHECK(fault_with("\"layers\": 3", "\"layers\": 99999999") ==
          "'dimensions.layers': must be an integer from 0 to 65536");
    CHECK(fault_with("\"neuron\": 95", "\"neuron\": 96") == "'edits': neuron 2.96: layer 2 has 96 neurons");
    CHECK(fault_with("\"neuron\": 95", "\"neuron\": -1") ==
          "'edits[1].neuron': must be an integer from 0 to 2147483647");
    CHECK(fault_with("\"layer\": 2", "\"layer\": 3") == "'edits': neuron 3.95: the model has 3 layers");
    CHECK(fault_with("\"kind\": \"neuron\"", "\"kind\": \"layer\"") ==
          "'edits[0].kind': is 'layer', only 'neuron', 'expert', 'expert_neuron', 'head' are known");
    CHECK(fault_with("\"role\": \"up\"", "\"role\": \"down\"") == "'edits[0].role': is 'down', only 'up' is known");
    CHECK(fault_with("\"suppress\"", "\"silence\"") ==
          "'edits[0].operator': is 'silence', only suppress, invert, scale, copy and mask are known");
    CHECK(fault_with("\"suppress\"", "\"suppress\", \"factor\": 1") ==
          "'edits[0].factor': contradicts the operator suppress");
    CHECK(fault_with(", \"factor\": -0.8", "") == "'edits[2].factor': is missing");
    CHECK(fault_with("-0.8", "\"x\"") == "'edits[2].factor': must be a number");
    CHECK(fault_with("-0.8", "1e99") == "'edits[2].factor': must be a finite float32");
    CHECK(fault_with("-0.8", "1, \"factors\": 2") == "'edits[2].factors': is not a key that is known");
    CHECK(fault_with("\"index_base\": 0,", "\"index_base\": 0, \"provenance\": 1,") ==
          "'provenance': must be an object");
    CHECK(fault_with("\"index_base\": 0,", "\"index_base\": 0, \"version\": 1,").find("twice") != std::string::npos);
    CHECK(fault_with("-0.8}", "-0.8").find("JSON: ") != std::string::npos);
    CHECK(test::fault_of([] { (void)parse_plan("[]", "plan.json"); }) == "plan.json: must be an object");
}
