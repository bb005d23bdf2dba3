// expect: stop_rule: needs std::optional<unloop::finding> observe(unloop::token_id, std::string_view piece); see
// expect: docs/concepts/stop_rule.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector in place of a rule.
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/generate/generate.hpp>

#include "compile_fail/any_model.hpp"

unloop::record use(const any_model& model, const unloop::any_prompt& prompt) {
    return unloop::generate(model, prompt, {}, unloop::periodic_loop{});
}
