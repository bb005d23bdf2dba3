// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Recorded activations against transformers, and the names that a recorder takes.
#include <unloop/generate/activation_recorder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <unloop/generate/trace.hpp>
#include <unloop/io/load.hpp>

#include "support/golden.hpp"

namespace {

using namespace unloop;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

/// The golden llama on the plain loops, and what transformers computed for it.
struct fixture {
    language_model<llama<reference>, gguf::checkpoint> model =
        load<llama>(gguf::open(golden::path("gguf/llama.bf16.gguf")), reference{});
    golden::tensors expected{"models/llama/expected.safetensors"};
    std::size_t layers = model.config().layers.size();

    [[nodiscard]] std::vector<token_id> first_row() const {
        const auto ids = expected.integers("tokens");
        return {ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(expected.shape("tokens")[1])};
    }
    [[nodiscard]] activation_recorder record(const std::vector<std::string>& sites,
                                             const trace_options& options) const {
        activation_recorder seen(sites, layers);
        CHECK(trace(model, first_row(), options, seen));
        return seen;
    }
};

std::vector<std::string> names_of(const activation_recorder& seen) {
    std::vector<std::string> names;
    for (const recorded_activation& one : seen.recorded()) names.push_back(one.name);
    return names;
}

}  // namespace

TEST_CASE("recorded activations equal those of transformers, however the tokens are cut into passes", "[parity]") {
    const fixture golden_llama;
    const std::vector<std::string> chosen{"hidden", "mlp_neurons", "attn_out", "final_norm", "logits"};
    const std::size_t tokens = golden_llama.first_row().size();
    for (const std::size_t chunk : {7U, 128U}) {
        const activation_recorder seen = golden_llama.record(chosen, {.threads = 2, .chunk = chunk, .logits = true});
        REQUIRE(seen.recorded().size() == 3 * golden_llama.layers + 3);
        for (const recorded_activation& one : seen.recorded()) {
            INFO(one.name << ", chunk " << chunk);
            const auto& shape = golden_llama.expected.shape(one.name);
            CHECK(one.tokens() == tokens);
            REQUIRE(one.width == shape.back());
            const auto all_rows = golden_llama.expected.floats(one.name);
            CHECK(golden::difference(one.values, std::span(all_rows).first(tokens * one.width)) < 1e-4);
        }
    }
}

TEST_CASE("the up projection and the gate give the neurons, and the down projection the output", "[laws]") {
    const fixture golden_llama;
    const activation_recorder seen = golden_llama.record({"mlp_gate.1", "mlp_up.1", "mlp_neurons.1", "mlp_out.1"}, {});
    REQUIRE(names_of(seen) == std::vector<std::string>{"mlp_gate.1", "mlp_up.1", "mlp_neurons.1", "mlp_out.1"});
    const auto& gate = seen.recorded()[0].values;
    const auto& up = seen.recorded()[1].values;
    const auto& neurons = seen.recorded()[2];
    std::vector<float> products;
    for (std::size_t i = 0; i < gate.size(); ++i) products.push_back(gate[i] / (1 + std::exp(-gate[i])) * up[i]);
    CHECK(golden::difference(products, neurons.values) < 1e-5);

    const weight_view down = golden_llama.model.file().weights("blk.1.ffn_down.weight");
    std::vector<float> row(down.columns), outputs;
    for (std::size_t t = 0; t < neurons.tokens(); ++t)
        for (std::size_t r = 0; r < down.rows; ++r) {
            decode_row(down, r, row);
            double sum = 0;
            for (std::size_t j = 0; j < row.size(); ++j)
                sum += static_cast<double>(row[j]) * static_cast<double>(neurons.values[t * neurons.width + j]);
            outputs.push_back(static_cast<float>(sum));
        }
    CHECK(golden::difference(outputs, seen.recorded()[3].values) < 1e-5);
}

TEST_CASE("a recorder takes names of sites and of single layers, and says which there are", "[names]") {
    const auto made = [](std::vector<std::string> chosen) { return activation_recorder(chosen, 3); };
    CHECK(names_of(made({"hidden"})) == std::vector<std::string>{"hidden.0", "hidden.1", "hidden.2", "hidden.3"});
    CHECK(names_of(made({"mlp_up.2", "mlp_up"})) == std::vector<std::string>{"mlp_up.2", "mlp_up.0", "mlp_up.1"});
    CHECK(names_of(made({"logits", "hidden.3", "logits"})) == std::vector<std::string>{"logits", "hidden.3"});
    CHECK_FALSE(made({"hidden"}).needs_logits());
    CHECK(made({"hidden", "final_norm"}).needs_logits());

    CHECK_THROWS_MATCHES(made({"neurons"}), error,
                         MessageMatches(ContainsSubstring("'neurons' is no site") &&
                                        ContainsSubstring("mlp_neurons[.LAYER]") && ContainsSubstring("logits")));
    CHECK_THROWS_MATCHES(made({"mlp_up.3"}), error, MessageMatches(ContainsSubstring("the layers 0 to 2")));
    for (const char* name : {"hidden.4", "hidden.", "hidden.-1", "hidden.1x", "logits.0", "", ".", "hidden.1.2"})
        CHECK_THROWS_AS(made({name}), error);
}

TEST_CASE("without logits nothing after the layers is computed, and a sink can stop a trace", "[trace]") {
    const fixture golden_llama;
    const std::vector<token_id> ids = golden_llama.first_row();
    const activation_recorder seen = golden_llama.record({"hidden.3", "logits"}, {.logits = false});
    CHECK(seen.recorded()[0].tokens() == ids.size());
    CHECK(seen.recorded()[1].tokens() == 0);

    const std::vector<std::string> sites{"hidden.0"};
    activation_recorder part(sites, golden_llama.layers);
    CHECK_FALSE(trace(golden_llama.model, ids, {.chunk = 10}, part,
                      [](const progress_event& event) { return event.done < 20; }));
    CHECK(part.recorded()[0].tokens() == 20);
}
