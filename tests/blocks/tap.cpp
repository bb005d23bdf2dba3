// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Taps: what counts as one, which events reach it, and several as one, in order.
#include <unloop/blocks/tap.hpp>

#include <archetypes/tap.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>  // order of calls
#include <vector>  // values

using namespace unloop;

namespace {

struct misspelt_site {
    void operator()(sites::mlp_neurons, const tap_place&, std::span<float>) const {}  // not a matrix_view
};
struct appends {
    std::string& to;
    const char* what;
    void operator()(sites::mlp_gate, const tap_place&, matrix_view) const { to += what; }
};
struct adds {
    float what;
    void operator()(sites::mlp_up, const tap_place&, matrix_view values) const { values[0][0] += what; }
};
struct multiplies {
    float what;
    void operator()(sites::mlp_up, const tap_place&, matrix_view values) const { values[0][0] *= what; }
};
struct generic {
    int calls = 0;
    template <class Site>
    void operator()(Site, const tap_place&, matrix_view) {
        ++calls;
    }
};

static_assert(activation_tap<archetypes::neuron_tap>);
static_assert(activation_tap<generic>);
static_assert(!activation_tap<no_tap>);
static_assert(!activation_tap<misspelt_site>);
static_assert(!activation_tap<int>);
static_assert(tap_or_none<no_tap>);
static_assert(!tap_or_none<misspelt_site>);
static_assert(listens_to<archetypes::neuron_tap, sites::mlp_neurons>);
static_assert(!listens_to<archetypes::neuron_tap, sites::mlp_gate>);
static_assert(activation_tap<tap_pack<no_tap, archetypes::neuron_tap>>);
static_assert(listens_to<tap_pack<no_tap, archetypes::neuron_tap>, sites::mlp_neurons>);
static_assert(!listens_to<tap_pack<no_tap, archetypes::neuron_tap>, sites::mlp_gate>);
static_assert(!activation_tap<tap_pack<no_tap, no_tap>>);

}  // namespace

TEST_CASE("an event is called for its own site alone") {
    std::vector<float> memory(6, 1.0F);
    const matrix_view values(memory.data(), 2, 3);
    const std::vector<batch_token> tokens(2);
    archetypes::neuron_tap tap;
    no_tap none;
    sites::for_each_site([&](auto site) {
        notify<decltype(site)>(none, {4, tokens}, values);
        notify<decltype(site)>(tap, {4, tokens}, values);
    });
    CHECK(tap.calls == 1);
    generic all;
    sites::for_each_site([&](auto site) { notify<decltype(site)>(all, {4, tokens}, values); });
    CHECK(all.calls == static_cast<int>(sites::count));
}

TEST_CASE("a tap reads the place, and what it writes stays written") {
    std::vector<float> memory(6, 1.0F);
    const std::vector<batch_token> tokens{{11, 0, 5, false}, {12, 3, 9, true}};
    struct reader {
        void operator()(sites::attention_output, const tap_place& place, matrix_view values) const {
            CHECK(place.layer == 4);
            CHECK(place.tokens[1].row == 3);
            CHECK(place.tokens[1].position == 9);
            values[1][2] = -1;
        }
    } tap;
    notify<sites::attention_output>(tap, {4, tokens}, matrix_view(memory.data(), 2, 3));
    CHECK(memory == std::vector<float>{1, 1, 1, 1, 1, -1});
}

TEST_CASE("a pack calls its taps in the order given, each for its own sites") {
    std::string order;
    appends first{order, "first "}, second{order, "second "};
    archetypes::neuron_tap other;
    no_tap none;
    // [pack]
    tap_pack pack{first, none, other, second};
    // [/pack]
    std::vector<float> memory(1, 3.0F);
    const matrix_view values(memory.data(), 1, 1);
    notify<sites::mlp_gate>(pack, {}, values);
    CHECK(order == "first second ");
    CHECK(other.calls == 0);
    notify<sites::mlp_neurons>(pack, {}, values);
    CHECK(order == "first second ");
    CHECK(other.calls == 1);

    adds add{1};
    multiplies multiply{10};
    tap_pack add_first{add, multiply};
    tap_pack multiply_first{multiply, add};
    notify<sites::mlp_up>(add_first, {}, values);
    CHECK(memory[0] == 40);
    memory[0] = 3;
    notify<sites::mlp_up>(multiply_first, {}, values);
    CHECK(memory[0] == 31);
    tap_pack nested{add, add_first};
    memory[0] = 0;
    notify<sites::mlp_up>(nested, {}, values);
    CHECK(memory[0] == 20);
}
