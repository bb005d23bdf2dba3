// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attention probabilities give what the heads took from the values, whatever window, sharing and norms a layer has; and
// the two habits of heads on attention made by hand.
#include <unloop/evaluate/head_patterns.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/model/parameter_table.hpp>

#include <cmath>

#include "golden_model.hpp"

using namespace unloop;

namespace {

std::vector<double> normed(std::span<const double> values, double epsilon) {
    double squares = 0;
    for (const double value : values) squares += value * value;
    std::vector<double> out(values.begin(), values.end());
    for (double& value : out) value /= std::sqrt(squares / static_cast<double>(values.size()) + epsilon);
    return out;
}

/// Values of one position, from the stream that enters the layer and the layer's weights, in double precision.
std::vector<double> values_at(const parameter_table& parameters, const layer_traits& layer, const recorded_run& run,
                              std::size_t t, bool has_norm) {
    const auto l = static_cast<std::int32_t>(layer.layer);
    const auto stream = run.residual_of(layer.layer)[t];
    auto input = normed(std::vector<double>(stream.begin(), stream.end()), static_cast<double>(layer.norm_epsilon));
    const auto weight = parameters.vector({l, parameter_role::attention_norm});
    for (std::size_t i = 0; i < input.size(); ++i) input[i] *= static_cast<double>(weight[i]);
    const auto& projection =
        *parameters.matrix({l, layer.values_from_keys ? parameter_role::key : parameter_role::value});
    std::vector<double> values;
    std::vector<float> row(projection.columns);
    for (std::size_t r = 0; r < projection.rows; ++r) {
        decode_row(projection, r, row);
        double& sum = values.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i) sum += static_cast<double>(row[i]) * input[i];
    }
    for (std::size_t at = 0; has_norm && at < values.size(); at += layer.head_size) {
        const auto head =
            normed(std::span(values).subspan(at, layer.head_size), static_cast<double>(layer.norm_epsilon));
        std::copy(head.begin(), head.end(), values.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return values;
}

/// Largest difference between the channels of all heads and the values weighed by the probabilities.
template <class Model>
double difference_from_channels(const Model& model, const std::vector<token_id>& ids, bool has_norm) {
    thread_pool pool(2);
    recorded_run run;
    run.tokens = ids;
    run.decisions = {{ids.size(), 7, {3}}};
    record_activations(model.decoder(), pool, run);
    const recorded_attention seen = record_attention(model, ids, 2);
    const parameter_table parameters(model.decoder());
    double apart = 0;
    for (const layer_traits& layer : model.config().layers) {
        const layer_traits& owner = model.config().layers[layer.key_value_layer];
        std::vector<std::vector<double>> values;
        for (std::size_t t = 0; t < ids.size(); ++t) values.push_back(values_at(parameters, owner, run, t, has_norm));
        for (std::size_t head = 0; head < layer.heads; ++head)
            for (std::size_t t = 0; t < ids.size(); ++t) {
                const auto probabilities = attention_probabilities(seen, layer, head, t);
                const std::size_t shared = head / (layer.heads / layer.key_value_heads) * layer.head_size;
                for (std::size_t c = 0; c < layer.head_size; ++c) {
                    double sum = 0;
                    for (std::size_t at = 0; at <= t; ++at) sum += probabilities[at] * values[at][shared + c];
                    apart = std::max(
                        apart,
                        std::abs(sum - static_cast<double>(run.heads_of(layer.layer)[t][head * layer.head_size + c])));
                }
            }
    }
    return apart;
}

std::vector<token_id> golden_row(const std::string& name) {
    const auto ids = golden::tensors("models/" + name + "/expected.safetensors").integers("tokens");
    return {ids.begin(), ids.begin() + 36};
}

}  // namespace

TEST_CASE("probabilities weigh the values to what the heads took, with windows, shared keys and keys as values") {
    const auto gemma = [](const std::string& name) { return test::golden_model("models/" + name); };
    CHECK(difference_from_channels(tests::golden_llama(), golden_row("llama"), false) < 1e-4);
    CHECK(difference_from_channels(gemma("dense"), golden_row("dense"), true) < 1e-4);
    CHECK(difference_from_channels(gemma("e_like"), golden_row("e_like"), true) < 1e-4);
}

TEST_CASE("a head that looks for the token after the first copy has an induction score of 1, one that rests has 0") {
    constexpr std::size_t begin = 2, length = 5, tokens = begin + 2 * length, size = 16;
    layer_traits layer;
    layer.heads = 2, layer.key_value_heads = 1, layer.head_size = size, layer.attention_scale = 50.0F;
    recorded_attention seen{tokens, {std::vector<float>(tokens * 2 * size)}, {std::vector<float>(tokens * size)}};
    for (std::size_t t = 0; t < tokens; ++t) {
        seen.keys[0][t * size + t] = 1;  // each position has a channel of its own
        const std::size_t wanted = t >= begin + length ? t - length + 1 : t;
        seen.queries[0][t * 2 * size + wanted] = 1;
        seen.queries[0][t * 2 * size + size] = 1;  // the second head looks at the first position
    }
    const head_pattern searching = pattern_of(seen, layer, 0, begin, length);
    const head_pattern resting = pattern_of(seen, layer, 1, begin, length);
    CHECK(std::abs(searching.induction - 1) < 1e-9);
    CHECK(searching.to_first < 1e-9);
    CHECK(resting.induction < 1e-9);
    CHECK(std::abs(resting.to_first - 1) < 1e-9);
    layer.window = 3;  // neither place can be seen
    CHECK(pattern_of(seen, layer, 0, begin, length).induction == 0);
    CHECK(std::abs(pattern_of(seen, layer, 1, begin, length).to_first - 2.0 / (tokens - 1)) < 1e-9);
}

TEST_CASE("every head of a model has its patterns, the same on any number of threads") {
    const auto model = tests::golden_llama();
    const auto patterns = head_patterns(model, {.texts = 2, .length = 12});
    REQUIRE(patterns.size() == 3);
    for (const auto& layer : patterns) {
        REQUIRE(layer.size() == 4);
        for (const head_pattern& head : layer) {
            CHECK((head.to_first > 0 && head.to_first < 1));
            CHECK((head.induction > 0 && head.induction < 1));
        }
    }
    CHECK((head_patterns(model, {.texts = 2, .length = 12}, 3) == patterns));
}
