// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What each source of keys and values puts into the cache, and that layers which share read what the owner stored.
#include <unloop/blocks/keys_and_values.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "small_layer.hpp"

using namespace blocks;

namespace keys_and_values_test {
namespace {

constexpr std::size_t hidden = 16, length = 9, first_position = 60;
using own_part = own_keys_and_values;
using normed_part = normed_keys_and_values<unloop::rms_norm>;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = hidden, traits.heads = 4, traits.key_value_heads = 2, traits.head_size = 6;
    traits.attention_scale = 0.7F, traits.norm_epsilon = 1e-2F;
    return traits;
}

/// Stores a few tokens of row 1 whose positions cross a tile; the projected inputs come back in double.
template <class Part, class Executor>
std::vector<doubles> store(small_layer& layer, const Part& part, Executor& executor) {
    const auto inputs = random_floats(length * hidden, 1, 2.0);
    const const_matrix_view x(inputs.data(), length, hidden);
    const auto tokens = tokens_of_row(1, first_position, length);
    no_tap none;
    auto run = layer.run(tokens, executor, none);
    part.template store<rotary>(run, x);
    std::vector<doubles> rows;
    for (std::size_t t = 0; t < length; ++t) rows.push_back(row_of(x, t));
    return rows;
}

/// `key_of(x)` before it is turned, and `value_of(x)`, against the cache.
template <class KeyOf, class ValueOf>
void check_stored(const small_layer& layer, const std::vector<doubles>& inputs, const KeyOf& key_of,
                  const ValueOf& value_of) {
    for (std::size_t t = 0; t < length; ++t) {
        doubles key = key_of(inputs[t]);
        turn(layer.traits, first_position + t, key);
        std::vector<float> kept_key(key.size()), kept_value(key.size());
        layer.cache.load(1, first_position + t, kept_key, kept_value);
        CHECK(difference(kept_key, key) < 1e-5);
        CHECK(difference(kept_value, value_of(inputs[t])) < 1e-5);
    }
    for (std::size_t head = 0; head < layer.cache.heads; ++head) {  // and nothing else
        CHECK(layer.cache.key(1, first_position - 1, head)[0] == 1e30F);
        CHECK(layer.cache.key(0, first_position, head)[0] == 1e30F);
        CHECK(layer.cache.value(1, first_position + length, head)[0] == 1e30F);
    }
}

std::vector<float> contents(const small_layer& layer) {
    const std::size_t size = 2 * layer.cache.values_a_row();
    std::vector<float> all(layer.cache.keys, layer.cache.keys + size);
    all.insert(all.end(), layer.cache.values, layer.cache.values + size);
    return all;
}

template <class Part>
int parameters_of(Part& part, const layer_traits& traits) {
    int count = 0;
    part.for_each_parameter(traits, [&](parameter_role, parameter_shape, auto&) { ++count; });
    return count;
}

}  // namespace

TEST_CASE("own keys are projected and turned, own values projected") {
    small_layer layer(small_traits(), 2, 80);
    own_part part;
    layer.fill(part);
    serial alone;
    const auto inputs = store(layer, part, alone);
    check_stored(
        layer, inputs, [&](const doubles& x) { return times(part.key, x); },
        [&](const doubles& x) { return times(part.value, x); });
}

TEST_CASE("normed keys have a weight and are turned behind the norm; normed values have neither") {
    small_layer layer(small_traits(), 2, 80);
    normed_part part;
    layer.fill(part);
    serial alone;
    const auto inputs = store(layer, part, alone);
    check_stored(
        layer, inputs,
        [&](const doubles& x) { return normed_heads(part.key_norm.weight, layer.traits, times(part.key, x)); },
        [&](const doubles& x) { return normed_heads({}, layer.traits, times(part.value, x)); });
    const auto stored = contents(layer);
    thread_pool pool(3);
    (void)store(layer, part, pool);
    CHECK(same_bits(contents(layer), stored));
}

TEST_CASE("where values are the keys, they are those before norm and rotation, and there is no projection of values") {
    layer_traits traits = small_traits();
    traits.values_from_keys = true;
    small_layer layer(traits, 2, 80);
    normed_part part;
    layer.fill(part);
    CHECK(parameters_of(part, traits) == 2);
    CHECK(part.value.empty());
    serial alone;
    const auto inputs = store(layer, part, alone);
    check_stored(
        layer, inputs,
        [&](const doubles& x) { return normed_heads(part.key_norm.weight, layer.traits, times(part.key, x)); },
        [&](const doubles& x) { return normed_heads({}, layer.traits, times(part.key, x)); });
}

TEST_CASE("a layer that shares stores nothing, has no parameters, and attends to what the owner stored") {
    small_layer layer(small_traits(), 2, 80);
    attention<grouped_heads, causal, rotary, shared_across_layers<own_part>> owner, sharing;
    layer.fill(owner);
    CHECK(parameters_of(owner.key_values, layer.traits) == 2);
    const auto owner_inputs = random_floats(80 * hidden, 5, 2.0), inputs = random_floats(80 * hidden, 6, 2.0);
    std::vector<float> out(80 * hidden);
    const matrix_view written(out.data(), 80, hidden);
    const auto tokens = tokens_of_row(1, 0, 80);
    serial alone;
    no_tap none;
    auto run = layer.run(tokens, alone, none);
    owner.forward(run, const_matrix_view(owner_inputs.data(), 80, hidden), written);
    const auto stored = contents(layer);

    layer.traits.layer = 1;  // the cache stays that of layer 0
    layer.fill(sharing);
    CHECK(parameters_of(sharing.key_values, layer.traits) == 0);
    CHECK(sharing.key_values.own.key.empty());
    sharing.forward(run, const_matrix_view(inputs.data(), 80, hidden), written);
    CHECK(same_bits(contents(layer), stored));

    const auto kept =
        keys_and_values_of(owner.key_values, layer.traits, rows_of(const_matrix_view(owner_inputs.data(), 80, hidden)));
    const auto expected =
        attended_to(kept, sharing.heads, layer.traits, rows_of(const_matrix_view(inputs.data(), 80, hidden)));
    for (std::size_t t = 0; t < 80; ++t)
        REQUIRE(difference(std::span(out).subspan(t * hidden, hidden), expected[t]) < 2e-5);
}

}  // namespace keys_and_values_test
