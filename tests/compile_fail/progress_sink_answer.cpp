// expect: progress_sink: needs bool operator()(const unloop::progress_event&), which says whether to go on; see
// expect: docs/concepts/progress_sink.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A sink that does not say whether to go on.
#include <unloop/generate/trace.hpp>

#include <span>  // tokens

#include "compile_fail/any_model.hpp"

struct sink {
    void operator()(const unloop::progress_event&) const {}
};

bool use(const any_model& model, std::span<const unloop::token_id> tokens, unloop::no_tap& none) {
    return unloop::trace(model, tokens, {}, none, sink{});
}
