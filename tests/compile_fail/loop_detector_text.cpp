// expect: text_loop_detector: needs std::optional<unloop::finding> observe(std::string_view)
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector over tokens where one over text is asked for.
#include <unloop/detect/find_loop.hpp>

#include <optional>     // a finding, or none
#include <string_view>  // text

struct detector {
    void reset() {}
    std::optional<unloop::finding> observe(unloop::token_id) { return std::nullopt; }
};

std::optional<unloop::finding> use(std::string_view answer) {
    return unloop::find_loop(detector{}, answer, unloop::answer_end::cut);
}
