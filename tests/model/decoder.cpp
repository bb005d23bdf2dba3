// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A pass may begin at a later layer, where the caches that it reads are filled: it has the bits of the whole pass.
#include <unloop/model/decoder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/serial.hpp>

#include <algorithm>
#include <cstring>

#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

std::vector<float> values_of(matrix_view values) {
    return {values.data(), values.data() + values.rows() * values.columns()};
}

struct residual_recorder {
    std::vector<std::vector<float>> by_layer;
    void operator()(sites::residual, const tap_place&, matrix_view values) { by_layer.push_back(values_of(values)); }
};

bool same_bits(matrix_view a, const std::vector<float>& b) {
    return a.rows() * a.columns() == b.size() && std::memcmp(a.data(), b.data(), b.size() * sizeof(float)) == 0;
}

/// A small model with everything, a row of tokens that all want logits, and a state that holds them.
struct one_row {
    golden::small_gemma4<reference> model{5};
    std::vector<batch_token> tokens;
    decoder_state state;
    serial alone{};
    no_tap none{};

    explicit one_row(std::size_t length) : tokens(golden::some_tokens(0, length)), state(empty()) {}
    [[nodiscard]] decoder_state empty() const {
        return {model.config(), {1, tokens.size(), tokens.size(), tokens.size()}};
    }
    template <class Tap>
    std::vector<float> forward(Tap& tap) {
        return values_of(model.decoder().forward(state, tokens, alone, tap));
    }
};

}  // namespace

TEST_CASE("a pass over empty caches begins where nothing is read from below") {
    const auto config = golden::small_gemma4_config(5);
    CHECK(config.lowest_read(0) == 0);
    CHECK(config.lowest_read(1) == 0);  // layer 2 reads the keys of layer 0
    CHECK(config.lowest_read(2) == 0);
    CHECK(config.lowest_read(3) == 0);  // layer 3 those of layer 1, on the way from which is layer 2
    auto later = config;
    later.layers[2].key_value_layer = 1;
    CHECK(later.lowest_read(3) == 1);
    CHECK(later.lowest_read(0) == 0);
    auto own = config;
    for (layer_traits& layer : own.layers) layer.key_value_layer = layer.layer;
    for (std::size_t i = 0; i < 4; ++i) CHECK(own.lowest_read(i) == i);
}

TEST_CASE("a pass from a later layer on has the bits of the whole pass, layer inputs and shared keys included") {
    one_row row(40);
    residual_recorder residuals;
    const std::vector<float> expected = row.forward(residuals);
    REQUIRE(residuals.by_layer.size() == 5);
    const auto resume = [&](decoder_state& state, std::size_t layer) {
        std::copy(residuals.by_layer[layer].begin(), residuals.by_layer[layer].end(), state.stream(40).data());
        return row.model.decoder().resume(state, row.tokens, {layer, false}, row.alone, row.none);
    };
    for (std::size_t layer = 0; layer < 4; ++layer) {
        // With caches that the whole pass has filled every layer can be the first; with empty ones some can't.
        decoder_state empty = row.empty();
        CHECK(same_bits(resume(empty, row.model.config().lowest_read(layer)), expected));
        CHECK(same_bits(resume(row.state, layer), expected));
    }
}

TEST_CASE("states behind the final norm give the logits of a pass, all of them or some words") {
    one_row row(12);
    const std::vector<float> expected = row.forward(row.none);
    const std::size_t vocabulary = row.model.config().vocabulary;
    const matrix_view states = row.model.decoder().states(row.state, row.tokens, {}, row.alone, row.none);
    REQUIRE(states.rows() == 12);
    for (const std::size_t first : {0U, 1U, 17U, 49U})
        for (const std::size_t count : {std::size_t{1}, vocabulary - first}) {
            std::vector<float> some(12 * count);
            row.model.decoder().logits_of(states, first, {some.data(), 12, count}, row.alone);
            for (std::size_t t = 0; t < 12; ++t)
                for (std::size_t i = 0; i < count; ++i)
                    CHECK(some[t * count + i] == expected[t * vocabulary + first + i]);
        }
}

TEST_CASE("behind the last attention of a resumed pass only tokens that want logits go on, with the bits they had") {
    one_row row(24);
    residual_recorder residuals, resumed;
    const std::vector<float> all = row.forward(residuals);
    const std::size_t vocabulary = row.model.config().vocabulary;
    std::vector<float> expected;
    for (std::size_t t = 0; t < row.tokens.size(); ++t) {
        row.tokens[t].wants_logits = t % 7 == 3;
        const auto own = std::span(all).subspan(t * vocabulary, vocabulary);
        if (row.tokens[t].wants_logits) expected.insert(expected.end(), own.begin(), own.end());
    }
    const auto resume_from = [&](std::size_t layer) {
        std::copy(residuals.by_layer[layer].begin(), residuals.by_layer[layer].end(), row.state.stream(24).data());
        resumed.by_layer.clear();
        return row.model.decoder().resume(row.state, row.tokens, {layer, false}, row.alone, resumed);
    };
    for (std::size_t layer = 0; layer < 4; ++layer) {
        CHECK(same_bits(resume_from(layer), expected));
        REQUIRE(resumed.by_layer.size() == 5 - layer);
        CHECK(resumed.by_layer.front().size() == row.tokens.size() * row.model.config().hidden);
        CHECK(resumed.by_layer.back().size() == 3 * row.model.config().hidden);  // a tap sees the others no more
    }
    for (batch_token& token : row.tokens) token.wants_logits = false;
    CHECK(resume_from(3).rows() == 0);
}
