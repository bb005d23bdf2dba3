// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it reads text.
#include <unloop/detect/find_loop.hpp>

#include <optional>     // a finding, or none
#include <string_view>  // text

struct detector {
    void reset() {}
    std::optional<unloop::finding> observe(std::string_view) { return std::nullopt; }
};

std::optional<unloop::finding> use(std::string_view answer) {
    return unloop::find_loop(detector{}, answer, unloop::answer_end::cut);
}
