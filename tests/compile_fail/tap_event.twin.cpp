// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it takes the values of all tokens as a matrix.
#include <unloop/generate/trace.hpp>

#include <span>  // tokens

#include "compile_fail/any_model.hpp"

struct tap {
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place&, unloop::matrix_view) const {}
};

bool use(const any_model& model, std::span<const unloop::token_id> tokens, tap& mine) {
    return unloop::trace(model, tokens, {}, mine);
}
