// expect: tap: needs an event void operator()(Site, const unloop::tap_place&, unloop::matrix_view) for at least one
// expect: Site of unloop::sites; see docs/concepts/tap.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A tap whose only event takes a span, which no site hands out.
#include <unloop/generate/trace.hpp>

#include <span>  // tokens

#include "compile_fail/any_model.hpp"

struct tap {
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place&, std::span<float>) const {}
};

bool use(const any_model& model, std::span<const unloop::token_id> tokens, tap& mine) {
    return unloop::trace(model, tokens, {}, mine);
}
