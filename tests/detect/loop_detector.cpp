// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What counts as a loop detector, and what does not.
#include <unloop/detect/loop_detector.hpp>

#include <unloop/detect/periodic_loop.hpp>

#include <archetypes/loop_detector.hpp>
#include <laws/loop_detector.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>    // any_of
#include <optional>     // findings
#include <string>       // names of laws
#include <string_view>  // names of laws
#include <type_traits>  // is_default_constructible_v
#include <vector>       // broken laws

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

struct deaf {
    void reset() {}
    std::optional<unloop::finding> observe(unloop::token_id) { return std::nullopt; }
};

/// A detector with a fault: it cannot forget.
struct unforgetting : unloop::periodic_loop {
    void reset() {}
};

/// A detector with a fault: it is late by a token, and tells so in its start.
struct misplaced : unloop::periodic_loop {
    std::optional<unloop::finding> observe(unloop::token_id token) {
        auto found = unloop::periodic_loop::observe(token);
        if (found) ++found->start;
        return found;
    }
};

bool breaks(const std::vector<std::string>& broken, std::string_view law) {
    return std::any_of(broken.begin(), broken.end(), [law](const auto& name) { return name.starts_with(law); });
}

}  // namespace

TEST_CASE("the laws catch what breaks them") {
    CHECK(breaks(laws::broken_loop_detector_laws(deaf{}), "finds a planted loop"));
    CHECK(breaks(laws::broken_loop_detector_laws(unforgetting{}), "reset() equals new"));
    CHECK(breaks(laws::broken_loop_detector_laws(misplaced{}), "start and period are exact"));
    CHECK(breaks(laws::broken_loop_detector_laws(archetypes::loop_detector(0)), "silent on aperiodic input"));
    CHECK(breaks(laws::broken_text_loop_detector_laws(archetypes::text_loop_detector(0), "ab", "cd"),
                 "silent on a healthy text"));
}

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
