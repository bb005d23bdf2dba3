// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Detectors over whole answers: reset first, first finding, last finding, ends.
#include <unloop/detect/find_loop.hpp>

#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>

#include <archetypes/loop_detector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>  // answers
#include <vector>  // tokens

namespace {

std::vector<unloop::token_id> looping_then_healthy(int loop, int healthy) {
    std::vector<unloop::token_id> tokens;
    for (int i = 0; i < loop; ++i) tokens.push_back(i % 4);
    for (int i = 0; i < healthy; ++i) tokens.push_back(100 + i);
    return tokens;
}

}  // namespace

TEST_CASE("a detector is reset before it reads an answer") {
    archetypes::loop_detector used(0);
    (void)used.observe(1);
    const std::vector<unloop::token_id> tokens{5, 6, 7};
    CHECK(unloop::find_loop(used, tokens)->copies == 1);
    CHECK(unloop::find_loop_at_end(used, tokens)->copies == 3);
    archetypes::text_loop_detector reader(0);
    (void)reader.observe("a");
    CHECK(unloop::find_loop(reader, "b", unloop::answer_end::natural)->copies == 1);
}

TEST_CASE("nothing is found in an empty answer") {
    CHECK_FALSE(unloop::find_loop(archetypes::loop_detector(0), std::vector<unloop::token_id>{}));
    CHECK_FALSE(unloop::find_loop_at_end(archetypes::loop_detector(0), std::vector<unloop::token_id>{}));
    CHECK_FALSE(unloop::find_loop(unloop::list_collapse{}, "", unloop::answer_end::natural));
    CHECK_FALSE(unloop::find_loop(unloop::list_collapse{}, "", unloop::answer_end::cut));
}

TEST_CASE("the end of an answer may have left the loop") {
    const auto recovered = looping_then_healthy(200, 1);
    CHECK(unloop::find_loop(unloop::periodic_loop{}, recovered) ==
          unloop::finding{unloop::loop_kind::periodic, 0, 4, 24, 92});
    CHECK_FALSE(unloop::find_loop_at_end(unloop::periodic_loop{}, recovered));
    CHECK(unloop::find_loop_at_end(unloop::periodic_loop{}, looping_then_healthy(200, 0)) ==
          unloop::finding{unloop::loop_kind::periodic, 0, 4, 50, 196});
}

TEST_CASE("a text detector with finish judges the end, one without gives its first finding") {
    std::string answer;
    for (int i = 0; i < 12; ++i) answer += "Golden Retriever\n";
    answer += "Poodle\nBeagle\nBoxer\nPug\n";
    CHECK(unloop::find_loop(unloop::list_collapse{}, answer, unloop::answer_end::cut));
    CHECK_FALSE(unloop::find_loop(unloop::list_collapse{}, answer, unloop::answer_end::natural));
}
