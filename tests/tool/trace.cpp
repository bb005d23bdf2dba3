// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop trace against the activations and the ablated logits of transformers.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>

#include "support/golden.hpp"

namespace {

using namespace unloop;
using tool::llama;
using tool::run;

struct fixture {
    std::string model = llama;
    golden::tensors expected{"models/llama/expected.safetensors"};
    std::size_t tokens = expected.shape("tokens")[1];
    test::scratch_folder folder = {};

    [[nodiscard]] std::vector<std::int32_t> ids() const {
        auto all = expected.integers("tokens");
        all.resize(tokens);
        return all;
    }
    [[nodiscard]] safetensors::checkpoint trace(const std::string& sites, std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"trace", "--model", model, "--ids", tool::listed(ids()), "--sites", sites, "--out",
                                   folder.file("t.safetensors")});
        const auto result = run(more);
        INFO(result.err);
        REQUIRE(result.code == 0);
        return safetensors::open(folder.file("t.safetensors"));
    }
};

template <class Number>
std::vector<Number> values(const safetensors::checkpoint& file, const std::string& name) {
    const auto bytes = file.bytes(file.at(name));
    std::vector<Number> out(bytes.size() / sizeof(Number));
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return out;
}

}  // namespace

TEST_CASE("traced activations have the names, shapes and values of transformers", "[tool][parity]") {
    const fixture golden;
    const auto file = golden.trace("hidden,attn_out,mlp_neurons,final_norm,logits", {"--threads", "2"});
    CHECK(file.tensors().size() == 1 + 4 + 3 + 3 + 2);
    CHECK(file.at("tokens").shape == std::vector<std::uint64_t>{golden.tokens});
    CHECK(values<std::int32_t>(file, "tokens") == golden.ids());
    for (const stored_tensor& tensor : file.tensors()) {
        if (tensor.name == "tokens") continue;
        INFO(tensor.name);
        const auto& shape = golden.expected.shape(tensor.name);  // [rows, tokens, width]
        REQUIRE(tensor.shape == std::vector<std::uint64_t>(shape.begin() + 1, shape.end()));
        const auto all = golden.expected.floats(tensor.name);
        const auto first = std::span(all).first(tensor.shape[0] * tensor.shape[1]);
        CHECK(golden::difference(values<float>(file, tensor.name), first) < 1e-4);
    }
}

TEST_CASE("choices, weights and neurons of experts and inputs of layers are traced as transformers has them",
          "[tool][parity]") {
    const std::string routed = "router_prob,router_top_k_index,router_top_k_weight,expert_neurons,hidden,logits";
    const std::vector<std::pair<std::string, std::string>> models{
        {"moe", routed}, {"mixtral", routed}, {"e_like", "per_layer_inputs,hidden,attn_out,mlp_neurons,logits"}};
    for (const auto& [name, sites] : models) {
        INFO(name);
        const fixture golden{test::golden("models/" + name),
                             golden::tensors("models/" + name + "/expected.safetensors")};
        const auto file = golden.trace(sites);
        for (const stored_tensor& tensor : file.tensors()) {
            if (tensor.name == "tokens") continue;
            INFO(tensor.name);
            const auto& shape = golden.expected.shape(tensor.name);  // [rows, tokens, ...]
            REQUIRE(tensor.shape == std::vector<std::uint64_t>(shape.begin() + 1, shape.end()));
            const std::size_t count = count_values(tensor.shape).value();
            if (tensor.name.starts_with("router_top_k_index")) {
                auto wanted = golden.expected.integers(tensor.name);
                wanted.resize(count);
                CHECK(values<std::int32_t>(file, tensor.name) == wanted);
            } else {
                const auto wanted = golden.expected.floats(tensor.name);
                CHECK(golden::difference(values<float>(file, tensor.name), std::span(wanted).first(count)) < 1e-4);
            }
        }
    }
}

TEST_CASE("a site that the model lacks is an error", "[tool]") {
    const test::scratch_folder folder;
    const auto result =
        run({"trace", "--model", llama, "--ids", "2", "--sites", "router_prob", "--out", folder.file("t")});
    CHECK(result.code != 0);
    CHECK(result.err.find("this model has no site 'router_prob.0'") != std::string::npos);
}

TEST_CASE("traced logits under an edit are those of transformers with the neuron ablated", "[tool][parity]") {
    const fixture golden;
    int edits = 0;
    for (const stored_tensor& tensor : golden.expected.all()) {
        int layer = 0, neuron = 0;
        char factor[8] = {};
        if (std::sscanf(tensor.name.c_str(), "ablate.%d.%d.%7s", &layer, &neuron, factor) != 3) continue;
        INFO(tensor.name);
        const std::string edit = std::to_string(layer) + "." + std::to_string(neuron) + "=" + factor;
        const auto logits = values<float>(golden.trace("logits", {"--neuron", edit}), "logits");
        const auto all = golden.expected.floats(tensor.name);
        const std::size_t vocabulary = logits.size() / golden.tokens;
        CHECK(golden::difference(std::span(logits).last(vocabulary), std::span(all).first(vocabulary)) < 1e-4);
        ++edits;
    }
    CHECK(edits == 15);
}

TEST_CASE("single layers can be asked for, and JSON tells what was written", "[tool]") {
    const fixture golden;
    const auto result = run({"trace", "--model", golden.model, "--ids", "2,7,9", "--sites", "hidden.3,mlp_up.1",
                             "--sites", "logits", "--out", golden.folder.file("t"), "--json"});
    REQUIRE(result.code == 0);
    CHECK(boost::json::serialize(result.json().at("tensors")) ==
          R"([{"name":"tokens","shape":[3]},{"name":"hidden.3","shape":[3,64]},)"
          R"({"name":"mlp_up.1","shape":[3,96]},{"name":"logits","shape":[3,272]}])");
    CHECK(safetensors::open(golden.folder.file("t")).tensors().size() == 4);
}
