// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it does.
#include <unloop/generate/trace.hpp>

#include <span>  // tokens

#include "compile_fail/any_model.hpp"

struct sink {
    bool operator()(const unloop::progress_event&) const { return true; }
};

bool use(const any_model& model, std::span<const unloop::token_id> tokens, unloop::no_tap& none) {
    return unloop::trace(model, tokens, {}, none, sink{});
}
