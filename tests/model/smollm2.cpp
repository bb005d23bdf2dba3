// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The real model against transformers on the dequantised weights: prompt ids, logits, activations, greedy tokens.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/parallel.hpp>

#include <boost/json.hpp>
#include <cstring>
#include <fstream>
#include <iterator>

#include "support/golden.hpp"

namespace {

using namespace unloop;

boost::json::array golden_cases() {
    std::ifstream in(golden::path("smollm2/cases.json"));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return boost::json::parse(text).at("cases").as_array();
}

std::vector<token_id> ids_of(const boost::json::value& list) {
    return boost::json::value_to<std::vector<token_id>>(list);
}

/// Keeps the last position of the sites that the goldens hold.
struct last_position {
    std::vector<std::vector<float>> hidden, neurons;
    std::vector<float> final_norm;
    void operator()(sites::residual, const tap_place&, matrix_view values) { keep(hidden.emplace_back(), values); }
    void operator()(sites::mlp_neurons, const tap_place&, matrix_view values) { keep(neurons.emplace_back(), values); }
    void operator()(sites::final_norm, const tap_place&, matrix_view values) { keep(final_norm, values); }

  private:
    static void keep(std::vector<float>& to, matrix_view values) {
        const auto row = values[values.rows() - 1];
        to.assign(row.begin(), row.end());
    }
};

double norm(std::span<const float> values) {
    double squares = 0;
    for (float value : values) squares += static_cast<double>(value) * value;
    return std::sqrt(squares);
}

}  // namespace

TEST_CASE("the real model has the prompt ids, logits, activations and greedy tokens of transformers",
          "[real][parity]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = load<llama>(gguf::open(*path), dispatched{});
    const golden::tensors expected("smollm2/expected.safetensors");
    thread_pool executor(2);
    int n = 0;
    for (const boost::json::value& golden_case : golden_cases()) {
        const std::string key = std::to_string(n++) + ".";
        const auto ids = ids_of(golden_case.at("ids"));
        std::string prompt(golden_case.at("text").as_string());
        if (golden_case.at("chat").as_bool()) prompt = model.render_chat(std::vector<chat_message>{{"user", prompt}});
        INFO("case " << key << " " << prompt);
        REQUIRE(prompt == std::string(golden_case.at("prompt").as_string()));
        REQUIRE(model.tokenizer().encode(prompt) == ids);

        decoder_state state(model.config(), {1, 192, ids.size(), ids.size()});
        std::vector<batch_token> tokens;
        for (std::size_t t = 0; t < ids.size(); ++t) tokens.push_back({ids[t], 0, static_cast<std::int32_t>(t), true});
        last_position seen;
        matrix_view logits = model.decoder().forward(state, tokens, executor, seen);
        CHECK(golden::difference(logits[ids.size() - 1], expected.floats(key + "last_logits")) < 5e-4);
        const auto top_logits = expected.floats(key + "top_logits");
        const auto top_tokens = expected.integers(key + "top_tokens");
        double worst = 0;
        for (std::size_t i = 0; i < top_tokens.size(); ++i)
            worst = std::max(worst, std::abs(static_cast<double>(top_logits[i]) -
                                             logits[i / 16][static_cast<std::size_t>(top_tokens[i])]));
        CHECK(worst < 5e-4);
        const auto hidden = expected.floats(key + "hidden"), neurons = expected.floats(key + "neurons");
        for (std::size_t i = 0; i < model.config().layers.size(); ++i) {
            const auto h = std::span(hidden).subspan(i * 576, 576);
            const auto a = std::span(neurons).subspan(i * 1536, 1536);
            CHECK(golden::difference(seen.hidden[i], h) < 1e-4 * norm(h));
            CHECK(golden::difference(seen.neurons[i], a) < 1e-4 * norm(a));
        }
        CHECK(golden::difference(seen.final_norm, expected.floats(key + "final_norm")) <
              1e-4 * norm(expected.floats(key + "final_norm")));

        std::vector<token_id> greedy;
        no_tap none;
        const auto expected_greedy = ids_of(golden_case.at("greedy"));
        while (greedy.size() < expected_greedy.size()) {
            greedy.push_back(static_cast<token_id>(kernels::argmax(dispatched{}, logits[logits.rows() - 1])));
            const batch_token next{greedy.back(), 0, static_cast<std::int32_t>(ids.size() + greedy.size() - 1), true};
            logits = model.decoder().forward(state, {&next, 1}, executor, none);
        }
        CHECK(greedy == expected_greedy);
        CHECK(model.tokenizer().decode(greedy) == std::string(golden_case.at("greedy_text").as_string()));
    }
    CHECK(n == 9);
}

TEST_CASE("prompt at once, in steps, in a batch and on two threads: the real model gives the same bits",
          "[real][invariance]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = load<llama>(gguf::open(*path), dispatched{});
    const auto ids = model.tokenizer().encode("The rivers of Asia are many, and the longest of them is");
    std::vector<batch_token> prompt;
    for (std::size_t t = 0; t < ids.size(); ++t) prompt.push_back({ids[t], 0, static_cast<std::int32_t>(t), true});
    serial alone;
    thread_pool pair(2);
    no_tap none;
    decoder_state state(model.config(), {1, 64, ids.size(), ids.size()});
    const matrix_view logits = model.decoder().forward(state, prompt, alone, none);
    const std::vector<float> whole(logits.data(), logits.data() + logits.rows() * logits.columns());
    const auto same = [&](std::span<const float> row, std::size_t t) {
        return std::memcmp(row.data(), whole.data() + t * row.size(), row.size_bytes()) == 0;
    };
    decoder_state stepwise(model.config(), {1, 64, 1, 1});
    for (std::size_t t = 0; t < ids.size(); ++t)
        CHECK(same(model.decoder().forward(stepwise, {&prompt[t], 1}, pair, none)[0], t));
    decoder_state batched(model.config(), {3, 64, 3 * ids.size(), 3 * ids.size()});
    std::vector<batch_token> rows;
    for (std::int32_t row = 0; row < 3; ++row)
        for (batch_token token : prompt) rows.push_back((token.row = row, token));
    const matrix_view all = model.decoder().forward(batched, rows, pair, none);
    for (std::size_t t = 0; t < rows.size(); ++t) CHECK(same(all[t], t % ids.size()));
}
