// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The memory of a run: how much each layer keeps, that all of it is counted and none of it is shared by mistake, and
// that a ring gives the bits of a full cache.
#include <unloop/model/decoder_state.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/parallel/serial.hpp>

#include <algorithm>
#include <cstring>

#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

/// Memory that a state holds: first byte and size of each piece.
struct pieces {
    std::vector<std::pair<const std::byte*, std::size_t>> all;
    std::size_t bytes = 0;

    template <class Element>
    void add(Element* first, std::size_t count) {
        if (count == 0) return;
        std::fill_n(first, count, Element(1));  // it is there to be written
        all.emplace_back(reinterpret_cast<const std::byte*>(first), count * sizeof(Element));
        bytes += all.back().second;
    }
    void add(matrix_view values) { add(values.data(), values.rows() * values.columns()); }
    [[nodiscard]] bool overlap() {
        std::sort(all.begin(), all.end());
        for (std::size_t i = 1; i < all.size(); ++i)
            if (all[i - 1].first + all[i - 1].second > all[i].first) return true;
        return false;
    }
};

pieces pieces_of(decoder_state& state, const decoder_config& config) {
    pieces found;
    const state_size& size = state.size();
    for (std::size_t i = 0; i < config.layers.size(); ++i) {
        const key_value_cache& cache = state.cache(i);
        const std::size_t values = size.rows * cache.values_a_row();
        if (cache.is_narrow())
            found.add(cache.narrow_keys, values), found.add(cache.narrow_values, values);
        else
            found.add(cache.keys, values), found.add(cache.values, values);
    }
    block_workspace& space = state.space();
    for (const matrix_view values : {space.normed,
                                     space.branch,
                                     space.queries,
                                     space.attended,
                                     space.keys,
                                     space.values,
                                     space.gate,
                                     space.up,
                                     space.experts.normed,
                                     space.experts.output,
                                     space.experts.grouped,
                                     space.experts.gate,
                                     space.experts.up,
                                     space.experts.neurons,
                                     space.experts.probabilities,
                                     space.experts.weights,
                                     state.stream(size.tokens),
                                     state.layer_inputs(size.tokens),
                                     state.head_input(state.size().state_rows),
                                     state.logits(size.logit_rows)})
        found.add(values);
    const expert_workspace& experts = space.experts;
    found.add(experts.chosen.data(), experts.chosen.size());
    for (const std::span<std::size_t> places : {experts.order, experts.place, experts.begins})
        found.add(places.data(), places.size());
    for (std::size_t table = 0; table < config.rotary_tables.size(); ++table)
        for (const const_matrix_view values : {state.angles(table).cosines, state.angles(table).sines}) {
            found.all.emplace_back(reinterpret_cast<const std::byte*>(values.data()),
                                   values.rows() * values.columns() * sizeof(float));
            found.bytes += found.all.back().second;
        }
    found.bytes +=
        state.head_tokens().capacity() * sizeof(batch_token) + size.rows * (sizeof(row_prefix) + sizeof(std::size_t));
    return found;
}

/// Logits of `length` tokens in chunks, by a state made for `tokens` of a pass.
template <class Model>
std::vector<float> logits_of(const Model& model, std::size_t length, std::size_t tokens, std::size_t chunk) {
    decoder_state state(model.config(), {2, length, tokens, chunk});
    serial alone;
    no_tap none;
    std::vector<float> all;
    for (std::size_t first = 0; first < length; first += chunk) {
        const auto pass = golden::some_tokens(first, std::min(chunk, length - first), 1);
        const matrix_view logits = model.decoder().forward(state, pass, alone, none);
        all.insert(all.end(), logits.data(), logits.data() + logits.rows() * logits.columns());
    }
    return all;
}

}  // namespace

TEST_CASE("a layer keeps the context, or as much as every query of a pass can see of its window") {
    for (const std::size_t window : {1U, 5U, 64U, 65U, 100U, 4000U})
        for (const std::size_t tokens : {1U, 2U, 64U, 300U}) {
            INFO("window " << window << ", " << tokens << " tokens a pass");
            const auto config = golden::small_gemma4_config(window);
            const decoder_state state(config, {2, 500, tokens, 1});
            const std::size_t visible = std::min<std::size_t>(500, window - 1 + tokens);
            CHECK(state.cache(0).capacity >= visible);
            CHECK(state.cache(0).capacity < visible + key_tile);
            CHECK(state.cache(0).capacity % key_tile == 0);
            CHECK(state.cache(1).capacity == 512);
            CHECK(state.cache(0).values_a_row() == state.cache(0).capacity * 16);
            for (const std::size_t sharing : {2U, 3U}) {
                CHECK(state.cache(sharing).keys == nullptr);
                CHECK(state.cache(sharing).capacity == 0);
            }
        }
}

TEST_CASE("the bytes told beforehand are those that a state holds, each piece by itself") {
    auto dense = golden::small_gemma4_config(20);
    dense.layer_input = 0;
    for (layer_traits& layer : dense.layers) layer.layer_input = layer.experts = layer.experts_used = 0;
    for (const decoder_config& config : {golden::small_gemma4_config(20), dense})
        for (const state_size& size : {state_size{1, 100, 1, 1},
                                       {3, 300, 40, 7},
                                       {2, 64, 200, 2},
                                       {5, 1, 1, 0},
                                       {3, 300, 40, 7, key_value_format::bf16},
                                       {3, 300, 40, 7, key_value_format::f32, 20}}) {
            decoder_state state(config, size);
            pieces found = pieces_of(state, config);
            CHECK(found.bytes == decoder_state::bytes(config, size));
            CHECK_FALSE(found.overlap());
        }
}

TEST_CASE("a ring costs the window and not the context") {
    const auto config = golden::small_gemma4_config(20);
    auto sliding = config;
    for (layer_traits& layer : sliding.layers) layer.window = 20;
    sliding.rotary_tables.clear();  // these do grow with the context
    CHECK(decoder_state::bytes(sliding, {1, 1000, 10, 1}) == decoder_state::bytes(sliding, {1, 100000, 10, 1}));
    CHECK(decoder_state::bytes(config, {1, 1000, 10, 1}) < decoder_state::bytes(config, {1, 100000, 10, 1}));
}

TEMPLATE_TEST_CASE("a long sequence over rings has the bits of the same over full caches", "[invariance]", reference,
                   dispatched) {
    for (const std::size_t window : {1U, 20U, 64U, 70U}) {
        INFO("window " << window);
        const golden::small_gemma4<TestType> model(window);
        const std::size_t length = 330;
        const auto full = logits_of(model, length, length, length);
        // A state made for passes of all tokens has full caches; one for shorter passes has rings.
        for (const std::size_t chunk : {1U, 7U, 64U, 65U}) {
            const decoder_state ring(model.config(), {2, length, chunk, 1});
            REQUIRE(ring.cache(0).capacity < length);
            for (const std::size_t tokens : {chunk, length}) {
                const auto pieces = logits_of(model, length, tokens, chunk);
                REQUIRE(pieces.size() == full.size());
                CHECK(std::memcmp(pieces.data(), full.data(), full.size() * sizeof(float)) == 0);
            }
        }
    }
}

TEST_CASE("a beginning that rows share is kept once, until the row that keeps it goes another way") {
    const golden::small_gemma4<reference> model(20);
    for (const key_value_format format : {key_value_format::f32, key_value_format::bf16}) {
        decoder_state state(model.config(), {4, 200, 130, 200, format});
        serial alone;
        no_tap none;
        const auto run = [&](std::int32_t row, std::size_t first, std::size_t count, std::size_t seed) {
            auto pass = golden::some_tokens(first, count, 1);
            for (batch_token& token : pass)
                token.row = row,
                token.token = static_cast<token_id>((static_cast<std::size_t>(token.token) + seed) % 50);
            const matrix_view logits = model.decoder().forward(state, pass, alone, none);
            return std::vector<float>(logits.data(), logits.data() + logits.rows() * logits.columns());
        };
        const key_value_cache& whole = state.cache(1);
        const auto shares = [&](std::size_t row, std::size_t other, std::size_t position) {
            return whole.offset(row, position, 0) == whole.offset(other, position, 0);
        };
        run(0, 0, 100, 0);
        const auto expected = run(0, 100, 9, 7);  // what any row says that has the same past
        run(0, 0, 100, 0);
        REQUIRE(whole.prefixes != nullptr);
        REQUIRE(state.cache(0).prefixes == nullptr);  // a ring
        state.share_row(0, 1, 100, 100), state.share_row(1, 2, 100, 100), state.share_row(1, 3, 70, 100);
        for (const std::size_t row : {1U, 2U, 3U}) CHECK((shares(row, 0, 0) && shares(row, 0, 69)));
        CHECK((shares(2, 0, 99) && !shares(3, 0, 70) && !shares(1, 0, 100)));
        CHECK(run(1, 100, 9, 7) == expected);
        run(0, 60, 20, 3);  // row 0 goes another way from position 60 on
        CHECK((shares(1, 0, 59) && !shares(1, 0, 60) && shares(1, 2, 99) && shares(3, 2, 69)));
        CHECK(run(2, 100, 9, 7) == expected);
        run(0, 0, 5, 1), run(1, 0, 5, 2);  // both begin anew
        CHECK((!shares(0, 2, 0) && !shares(1, 2, 0)));
        CHECK(run(2, 100, 9, 7) == expected);
        state.share_row(2, 2, 70, 109);  // it goes back itself
        run(3, 70, 30, 0);
        CHECK(run(3, 100, 9, 7) == expected);
    }
}

TEST_CASE("a row that went back has lost what its ring had before, and so has one that copies it") {
    const golden::small_gemma4<reference> model(20);
    decoder_state state(model.config(), {2, 200, 20, 20});
    REQUIRE(state.cache(0).prefixes == nullptr);  // a ring
    REQUIRE(state.cache(0).capacity < 70);
    serial alone;
    no_tap none;
    const auto run = [&](std::int32_t row, std::size_t first, std::size_t count) {
        auto pass = golden::some_tokens(first, count, 1);
        for (batch_token& token : pass) token.row = row;
        const matrix_view logits = model.decoder().forward(state, pass, alone, none);
        return std::vector<float>(logits.data(), logits.data() + logits.rows() * logits.columns());
    };
    const auto read = [&](std::int32_t row, std::size_t first, std::size_t last) {
        std::vector<float> logits;
        for (std::size_t p = first; p < last; p += 20) logits = run(row, p, std::min<std::size_t>(20, last - p));
        return logits;
    };
    (void)read(0, 0, 70);
    const std::vector<float> expected = run(0, 70, 10);
    (void)read(0, 80, 100);
    CHECK(state.can_go_back(0, 100, 85));
    state.share_row(0, 0, 85, 100);
    (void)run(0, 85, 1);
    CHECK_FALSE(state.can_go_back(0, 86, 70));  // positions 80 to 99 have been written
    CHECK(state.can_go_back(0, 86, 80));
    state.share_row(0, 1, 84, 86);
    CHECK_FALSE(state.can_go_back(1, 84, 70));
    (void)read(1, 0, 70);  // anew
    CHECK(state.can_go_back(1, 70, 60));
    CHECK(run(1, 70, 10) == expected);
}

TEST_CASE("a pass that begins above some layers leaves what lies below them") {
    const golden::small_gemma4<reference> model(20);
    serial alone;
    no_tap none;
    const auto after_resume = [&](bool shares) {
        decoder_state state(model.config(), {2, 64, 32, 32});
        const std::vector<batch_token> tokens = golden::some_tokens(0, 6, 1);
        std::vector<float> entering;  // of position 5, at layer 1
        auto keep = [&](sites::residual, const tap_place& place, matrix_view stream) {
            if (place.layer == 1) entering.assign(stream[5].begin(), stream[5].end());
        };
        model.decoder().forward(state, tokens, alone, keep);
        if (shares)
            state.share_row(0, 1, 6, 6);
        else
            state.copy_row(0, 1, 6);
        batch_token last = tokens[5];
        last.row = 1;
        std::copy(entering.begin(), entering.end(), state.stream(1)[0].begin());
        model.decoder().resume(state, std::span(&last, 1), {1, false}, alone, none);
        auto next = golden::some_tokens(6, 1, 1);
        next[0].row = 1;
        const matrix_view logits = model.decoder().forward(state, next, alone, none);
        return std::vector<float>(logits[0].begin(), logits[0].end());
    };
    CHECK(after_resume(true) == after_resume(false));
}
