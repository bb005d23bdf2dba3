// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Inputs of all layers are made of a token's embedding and of a table of their own, by their formula.
#include <unloop/blocks/layer_inputs.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "layer_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

namespace layer_inputs_test {
namespace {

using embedding_part = embedding_with_layer_inputs<token_embedding, unloop::rms_norm>;

constexpr embedding_traits traits{.vocabulary = 9,
                                  .hidden = 14,
                                  .layers = 3,
                                  .layer_input = 5,
                                  .scale = std::numbers::sqrt2_v<float>,
                                  .norm_epsilon = 1e-3F};

const std::vector<batch_token> tokens{{4, 0, 0, false}, {8, 1, 3, true}, {0, 0, 1, false}, {4, 2, 0, false}};

/// A norm that is none, to show that the one given is used.
struct doubling {
    vector_parameter weight;
    template <class Backend, class Executor>
    void forward(const Backend& /*backend*/, Executor& /*executor*/, float /*epsilon*/, const_matrix_view x,
                 matrix_view out) const {
        for (std::size_t t = 0; t < x.rows(); ++t)
            for (std::size_t i = 0; i < x.columns(); ++i) out[t][i] = 2 * x[t][i];
    }
};

template <class Embedding, class Executor>
std::vector<float> inputs_of(const Embedding& embedding, std::vector<float>& embedded, Executor& executor) {
    embedded.resize(tokens.size() * traits.hidden);
    const matrix_view stream(embedded.data(), tokens.size(), traits.hidden);
    embedding.forward(reference{}, executor, traits, tokens, stream);
    std::vector<float> out(tokens.size() * traits.layers * traits.layer_input, 1e30F);
    embedding.layer_inputs(reference{}, executor, traits, tokens, stream,
                           matrix_view(out.data(), tokens.size(), traits.layers * traits.layer_input));
    return out;
}

/// `norm(values of one layer)`.
template <class Embedding, class Norm>
double apart_from_formula(const Embedding& embedding, const std::vector<float>& embedded, const std::vector<float>& out,
                          const Norm& norm) {
    const std::size_t all = traits.layers * traits.layer_input;
    double apart = 0;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        const doubles expected = layer_inputs_of(embedding, traits, static_cast<std::size_t>(tokens[t].token),
                                                 row_of({embedded.data(), tokens.size(), traits.hidden}, t), norm);
        apart = std::max(apart, difference(std::span(out).subspan(t * all, all), expected));
    }
    return apart;
}

}  // namespace

TEST_CASE("inputs are (norm(projection embedded / sqrt(hidden)) + sqrt(P) table) / sqrt(2), layer by layer") {
    embedding_part embedding;
    laws::random_parameters weights;
    embedding.for_each_parameter(traits, weights);
    serial alone;
    std::vector<float> embedded;
    const auto out = inputs_of(embedding, embedded, alone);
    CHECK(apart_from_formula(embedding, embedded, out, [&](const doubles& x) {
              return normed(embedding.layer_norm.weight, traits.norm_epsilon, x);
          }) < 1e-6);
    CHECK(difference(std::span(embedded).first(traits.hidden), [&] {
              doubles row = widened(embedding.table, 4);
              for (double& value : row) value *= std::numbers::sqrt2;
              return row;
          }()) < 1e-6);
    thread_pool pool(3);
    CHECK(same_bits(inputs_of(embedding, embedded, pool), out));
}

TEST_CASE("the norm is the one that the embedding is made with") {
    embedding_with_layer_inputs<token_embedding, doubling> embedding;
    laws::random_parameters weights;
    embedding.for_each_parameter(traits, weights);
    serial alone;
    std::vector<float> embedded;
    const auto out = inputs_of(embedding, embedded, alone);
    CHECK(apart_from_formula(embedding, embedded, out, [](doubles x) {
              for (double& value : x) value *= 2;
              return x;
          }) < 1e-6);
}

TEST_CASE("parameters are the embedding's and, where layers have inputs, three more") {
    embedding_part part;
    std::vector<std::pair<parameter_role, parameter_shape>> seen;
    const auto note = [&](parameter_role role, parameter_shape shape, auto&) { seen.emplace_back(role, shape); };
    part.for_each_parameter(traits, note);
    using enum parameter_role;
    CHECK(seen == std::vector<std::pair<parameter_role, parameter_shape>>{{embedding, {9, 14}},
                                                                          {layer_input_embedding, {9, 15}},
                                                                          {layer_input_projection, {15, 14}},
                                                                          {layer_input_norm, {1, 5}}});
    seen.clear();
    embedding_traits without = traits;
    without.layer_input = 0;
    part.for_each_parameter(without, note);
    CHECK(seen.size() == 1);
    serial alone;
    std::vector<float> embedded(tokens.size() * traits.hidden);
    part.layer_inputs(reference{}, alone, without, tokens,
                      const_matrix_view(embedded.data(), tokens.size(), traits.hidden), {});
}

}  // namespace layer_inputs_test
