// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as a sink of progress, and the default that never cancels.
#include <unloop/core/progress.hpp>

#include <catch2/catch_test_macros.hpp>

namespace {

struct cancels_at_half {
    bool operator()(const unloop::progress_event& event) { return 2 * event.done < event.total; }
};
struct says_nothing_back {
    void operator()(const unloop::progress_event& /*event*/) {}
};
static_assert(unloop::progress_sink<cancels_at_half>);
static_assert(!unloop::progress_sink<says_nothing_back>);
static_assert(!unloop::progress_sink<int>);

}  // namespace

TEST_CASE("the default sink goes on, an own one decides") {
    CHECK(unloop::no_progress{}({"sweep", 10, 10}));
    cancels_at_half sink;
    CHECK(sink({"sweep", 4, 10}));
    CHECK_FALSE(sink({"sweep", 5, 10}));
}
