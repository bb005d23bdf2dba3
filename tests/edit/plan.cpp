// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans add up.
#include <unloop/edit/plan.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("plans add up in order, and so do their notes") {
    plan first = suppress(neuron_id{0, 1}), second = invert(neuron_id{0, 2});
    CHECK((first + second).note.empty());
    first.note = "one";
    CHECK((first + second).note == "one");
    second.note = "two";
    CHECK((first + second).note == "one\ntwo");
    CHECK((first + second).edits == std::vector<target_edit>{{neuron_id{0, 1}, 0}, {neuron_id{0, 2}, -1}});
}
