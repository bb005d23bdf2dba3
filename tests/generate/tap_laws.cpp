// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The library's taps keep the laws of taps in a model that runs, and the laws find what is wrong.
#include <archetypes/tap.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/tap.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/generate/activation_recorder.hpp>

#include <memory>
#include <string>
#include <vector>

#include "support/any_model.hpp"
#include "support/golden.hpp"

using namespace unloop;

namespace {

using names = std::vector<std::string>;

/// A tap from a callable that gets the place and the neurons.
template <class Event>
struct own_tap {
    Event event;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) { event(place, values); }
};
template <class Event>
own_tap(Event) -> own_tap<Event>;

/// What a recorder has recorded.
std::vector<std::vector<float>> recorded(const activation_recorder& recorder) {
    std::vector<std::vector<float>> values;
    for (const recorded_activation& one : recorder.recorded()) values.push_back(one.values);
    return values;
}

const plan edited = invert(neuron_id{0, 3}) + scale(neuron_id{2, 7}, 3.0F), other = suppress(neuron_id{1, 1});

}  // namespace

TEST_CASE("the library's taps and the smallest own one keep the laws of taps", "[laws]") {
    const auto model = test::golden_model();
    const std::vector<std::string> sites{"hidden", "mlp_neurons", "logits"};
    const auto recorder = [&] { return activation_recorder(sites, model.config().layers.size()); };
    CHECK(laws::broken_tap_laws(model, recorder, {}, recorded) == names{});
    CHECK(laws::broken_tap_laws(model, [] { return plan_tap(edited); }, {.rewrites = true}) == names{});
    CHECK(laws::broken_tap_laws(model,
                                [] {
                                    return row_plans({&edited, nullptr, &other});
                                },
                                {.rewrites = true}) == names{});
    plan_tap first(edited), second(other);
    CHECK(laws::broken_tap_laws(model, [&] { return tap_pack(first, second); }, {.rewrites = true}) == names{});
    CHECK(laws::broken_tap_laws(model, [] { return no_tap(); }) == names{});
    CHECK(laws::broken_tap_laws(model, [] { return archetypes::neuron_tap(); }) == names{});
}

TEST_CASE("the laws of taps find what is wrong", "[laws]") {
    const auto model = test::golden_model();
    const std::string reading = "reading: a tap that only reads changes no bit",
                      determinism = "determinism: new taps see and do the same",
                      chunks = "chunks: it does not matter how a prompt is cut into passes",
                      rows = "rows: what a row computes does not depend on the others";
    CHECK(laws::broken_tap_laws(model, [] { return plan_tap(edited); }) == names{reading});
    CHECK(laws::broken_tap_laws(model, [] { return plan_tap(plan{}); }, {.rewrites = true}) ==
          names{"effect: a tap that rewrites changes what the model computes"});
    CHECK(laws::broken_tap_laws(
              model, [] { return archetypes::neuron_tap(); }, {}, [](const auto& tap) { return tap.calls; }) ==
          names{chunks});
    const auto by_rows = [] {  // takes the row of the values for a position
        return own_tap{[](const tap_place&, matrix_view values) { values[0][5] = 9; }};
    };
    CHECK(laws::broken_tap_laws(model, by_rows, {.rewrites = true}) == names{chunks});
    const auto by_neighbours = [] {
        return own_tap{[](const tap_place& place, matrix_view values) {
            for (std::size_t t = 0; t < values.rows(); ++t) values[t][5] += static_cast<float>(place.tokens.back().row);
        }};
    };
    CHECK(laws::broken_tap_laws(model, by_neighbours) == names{rows});
    const auto moody = [made = std::make_shared<int>(0)] {
        return own_tap{[mood = ++*made](const tap_place&, matrix_view values) {
            for (std::size_t t = 0; t < values.rows(); ++t) values[t][5] += static_cast<float>(mood);
        }};
    };
    const auto broken = laws::broken_tap_laws(model, moody, {.rewrites = true});
    CHECK(std::find(broken.begin(), broken.end(), determinism) != broken.end());
    struct alone_or_not {
        void operator()(sites::mlp_neurons, const tap_place&, matrix_view values) const {
            for (std::size_t t = 0; t < values.rows(); ++t) values[t][5] += has_company ? 1.0F : 0.0F;
        }
        bool has_company = false;
        void begin_row(std::size_t row, std::size_t) { has_company = has_company || row > 0; }
    };
    CHECK(laws::broken_tap_laws(model, [] { return alone_or_not(); }) == names{rows});
}
