// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as a sink of progress; the default and the smallest keep the laws, and the laws find what is wrong.
#include <unloop/core/progress.hpp>

#include <archetypes/progress_sink.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/progress_sink.hpp>

#include <string>
#include <vector>

namespace {

struct cancels_at_half {
    bool operator()(const unloop::progress_event& event) { return 2 * event.done < event.total; }
};
struct says_nothing_back {
    void operator()(const unloop::progress_event& /*event*/) {}
};
static_assert(unloop::progress_sink<cancels_at_half>);
static_assert(unloop::progress_sink<archetypes::progress_sink>);
static_assert(!unloop::progress_sink<says_nothing_back>);
static_assert(!unloop::progress_sink<int>);

}  // namespace

TEST_CASE("the default sink goes on, an own one decides") {
    CHECK(unloop::no_progress{}({"sweep", 10, 10}));
    cancels_at_half sink;
    CHECK(sink({"sweep", 4, 10}));
    CHECK_FALSE(sink({"sweep", 5, 10}));
}

TEST_CASE("sinks keep the laws of sinks, and the laws find what is wrong", "[laws]") {
    using names = std::vector<std::string>;
    const std::string patience = "patience: a new sink goes on, whether the total is known or not",
                      finality = "finality: a sink that said stop says stop",
                      endurance = "endurance: a sink that only shows never says stop";
    const auto default_one = [] { return unloop::no_progress{}; };
    const auto smallest = [] { return archetypes::progress_sink(50); };
    CHECK(laws::broken_progress_sink_laws(default_one, {.may_stop = false}) == names{});
    CHECK(laws::broken_progress_sink_laws(smallest) == names{});
    CHECK(laws::broken_progress_sink_laws(smallest, {.may_stop = false}) == names{endurance});
    CHECK(laws::broken_progress_sink_laws([] { return archetypes::progress_sink(0); }) == names{patience});
    CHECK(laws::broken_progress_sink_laws([] { return cancels_at_half{}; }) == names{patience, finality});
}
