// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as a choice of positions; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/attribute/any_positions.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/positions.hpp>

#include <string>
#include <vector>

using namespace unloop;

namespace {

using names = std::vector<std::string>;

static_assert(position_choice<all_positions>);
static_assert(!position_choice<int>);
struct nameless {
    bool covers(const recorded_run&, std::size_t) const;
};
static_assert(has_covers<nameless> && !position_choice<nameless>);
struct counts {
    [[maybe_unused]] static constexpr std::string_view name = "counts";
    int covers(const recorded_run&, std::size_t) const;
};
static_assert(!position_choice<counts>);

template <class Covers>
struct chosen_by {
    static constexpr std::string_view name = "chosen by a callable";
    Covers callable;
    bool covers(const recorded_run& run, std::size_t position) const { return callable(run, position); }
};
template <class Covers>
chosen_by(Covers) -> chosen_by<Covers>;

}  // namespace

TEST_CASE("positions are what their names say") {
    recorded_run run;
    run.tokens.resize(10);
    run.onset = 6;
    run.decisions = {{6, 0, {1}}, {9, 0, {1}}};
    using mask = std::vector<std::uint8_t>;
    CHECK(mask_of(all_positions{}, run) == mask(10, 1));
    CHECK(mask_of(inside_loop{}, run) == mask{0, 0, 0, 0, 0, 0, 1, 1, 1, 1});
    CHECK(mask_of(at_onset{}, run) == mask{0, 0, 0, 0, 0, 1, 0, 0, 0, 0});
    CHECK(mask_of(at_onset{3}, run) == mask{0, 0, 0, 1, 1, 1, 0, 0, 0, 0});
    CHECK(mask_of(at_decisions{}, run) == mask{0, 0, 0, 0, 0, 1, 0, 0, 1, 0});
    CHECK(mask_of(any_positions(at_onset{3}), run) == mask_of(at_onset{3}, run));
    CHECK(mask_of(any_positions{}, run) == mask(10, 1));
}

TEST_CASE("the library's choices of positions keep the laws", "[laws]") {
    CHECK(laws::broken_position_laws(all_positions{}) == names{});
    CHECK(laws::broken_position_laws(inside_loop{}) == names{});
    CHECK(laws::broken_position_laws(at_onset{4}) == names{});
    CHECK(laws::broken_position_laws(at_decisions{}) == names{});
    for (const std::string_view name : any_positions::names) {
        CHECK(any_positions::named(name).chosen() == name);
        CHECK(laws::broken_position_laws(any_positions::named(name)) == names{});
    }
    CHECK_THROWS_AS(any_positions::named("everywhere"), error);
}

TEST_CASE("the laws of positions find what is wrong", "[laws]") {
    int calls = 0;
    CHECK(laws::broken_position_laws(chosen_by{[](const recorded_run&, std::size_t) { return false; }}) ==
          names{"something: it covers a position of some loop"});
    CHECK(laws::broken_position_laws(chosen_by{[&](const recorded_run&, std::size_t) { return ++calls % 7 == 0; }}) ==
          names{"purity: equal runs have equal positions, whatever was asked before",
                "places: it asks where the run's prompt, copies and decisions are, not what it computed"});
    CHECK(laws::broken_position_laws(chosen_by{[](const recorded_run& run, std::size_t) {
              return run.logits.empty();
          }}) == names{"places: it asks where the run's prompt, copies and decisions are, not what it computed"});
}
