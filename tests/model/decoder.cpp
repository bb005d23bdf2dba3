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
    const golden::small_gemma4<reference> model(5);
    const std::size_t length = 40;
    const auto tokens = golden::some_tokens(0, length);
    serial alone;
    no_tap none;
    residual_recorder residuals;
    decoder_state whole(model.config(), {1, length, length, length});
    const std::vector<float> expected = values_of(model.decoder().forward(whole, tokens, alone, residuals));
    REQUIRE(residuals.by_layer.size() == 5);
    for (std::size_t layer = 0; layer < 4; ++layer) {
        // With caches that the whole pass has filled every layer can be the first; with empty ones some can't.
        const std::size_t first = model.config().lowest_read(layer);
        decoder_state empty(model.config(), {1, length, length, length});
        std::copy(residuals.by_layer[first].begin(), residuals.by_layer[first].end(), empty.stream(length).data());
        CHECK(same_bits(model.decoder().resume(empty, tokens, {first, false}, alone, none), expected));
        std::copy(residuals.by_layer[layer].begin(), residuals.by_layer[layer].end(), whole.stream(length).data());
        CHECK(same_bits(model.decoder().resume(whole, tokens, {layer, false}, alone, none), expected));
    }
}

TEST_CASE("states behind the final norm give the logits of a pass, all of them or some words") {
    const golden::small_gemma4<reference> model(5);
    const std::size_t length = 12;
    const auto tokens = golden::some_tokens(0, length);
    serial alone;
    no_tap none;
    decoder_state state(model.config(), {1, length, length, length});
    const std::vector<float> expected = values_of(model.decoder().forward(state, tokens, alone, none));
    const std::size_t vocabulary = model.config().vocabulary;
    const matrix_view states = model.decoder().states(state, tokens, {}, alone, none);
    REQUIRE(states.rows() == length);
    for (const std::size_t first : {0U, 1U, 17U, 49U})
        for (const std::size_t count : {std::size_t{1}, vocabulary - first}) {
            std::vector<float> some(length * count);
            model.decoder().logits_of(states, first, {some.data(), length, count}, alone);
            for (std::size_t t = 0; t < length; ++t)
                for (std::size_t i = 0; i < count; ++i)
                    CHECK(some[t * count + i] == expected[t * vocabulary + first + i]);
        }
}

TEST_CASE("behind the last attention of a resumed pass only tokens that want logits go on, with the bits they had") {
    const golden::small_gemma4<reference> model(5);
    const std::size_t length = 24;
    auto tokens = golden::some_tokens(0, length);
    serial alone;
    residual_recorder residuals, resumed;
    decoder_state state(model.config(), {1, length, length, length});
    const matrix_view all = model.decoder().forward(state, tokens, alone, residuals);
    std::vector<float> expected;
    for (std::size_t t = 0; t < length; ++t) {
        tokens[t].wants_logits = t % 7 == 3;
        if (tokens[t].wants_logits) expected.insert(expected.end(), all[t].begin(), all[t].end());
    }
    const auto resume_from = [&](std::size_t layer) {
        std::copy(residuals.by_layer[layer].begin(), residuals.by_layer[layer].end(), state.stream(length).data());
        resumed.by_layer.clear();
        return model.decoder().resume(state, tokens, {layer, false}, alone, resumed);
    };
    for (std::size_t layer = 0; layer < 4; ++layer) {
        CHECK(same_bits(resume_from(layer), expected));
        REQUIRE(resumed.by_layer.size() == 5 - layer);
        CHECK(resumed.by_layer.front().size() == length * model.config().hidden);
        CHECK(resumed.by_layer.back().size() == 3 * model.config().hidden);  // a tap sees the others no more
    }
    for (batch_token& token : tokens) token.wants_logits = false;
    CHECK(resume_from(3).rows() == 0);
}
