// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as a loop detector, and what does not.
#include <unloop/detect/loop_detector.hpp>

#include <archetypes/loop_detector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>     // findings
#include <type_traits>  // is_default_constructible_v

namespace {

struct no_reset {
    std::optional<unloop::finding> observe(unloop::token_id);
};
struct reset_that_answers {
    bool reset();
    std::optional<unloop::finding> observe(unloop::token_id);
};
struct answers_bool {
    void reset();
    bool observe(unloop::token_id);
};
struct not_copyable {
    not_copyable() = default;
    not_copyable(const not_copyable&) = delete;
    void reset();
    std::optional<unloop::finding> observe(unloop::token_id);
};

}  // namespace

TEST_CASE("the archetypes offer just enough") {
    STATIC_CHECK(unloop::loop_detector<archetypes::loop_detector>);
    STATIC_CHECK(unloop::text_loop_detector<archetypes::text_loop_detector>);
    STATIC_CHECK_FALSE(std::is_default_constructible_v<archetypes::loop_detector>);
    STATIC_CHECK_FALSE(unloop::judges_ends<archetypes::text_loop_detector>);
    unloop::require_loop_detector<archetypes::loop_detector>();
    unloop::require_text_loop_detector<archetypes::text_loop_detector>();
}

TEST_CASE("each requirement is needed") {
    STATIC_CHECK_FALSE(unloop::has_reset<no_reset>);
    STATIC_CHECK_FALSE(unloop::loop_detector<no_reset>);
    STATIC_CHECK_FALSE(unloop::loop_detector<reset_that_answers>);
    STATIC_CHECK_FALSE(unloop::observes_tokens<answers_bool>);
    STATIC_CHECK_FALSE(unloop::loop_detector<answers_bool>);
    STATIC_CHECK_FALSE(unloop::loop_detector<not_copyable>);
    STATIC_CHECK_FALSE(unloop::text_loop_detector<archetypes::loop_detector>);
    STATIC_CHECK_FALSE(unloop::loop_detector<archetypes::text_loop_detector>);
}
