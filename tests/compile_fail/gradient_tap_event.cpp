// expect: gradient_tap: needs an event void operator()(Site, const unloop::tap_place&, unloop::const_matrix_view values
// expect: docs/concepts/gradient_tap.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A gradient tap that forgets that values come as well.
#include <unloop/model/backward.hpp>

#include "compile_fail/any_model.hpp"

struct tap {
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place&, unloop::matrix_view) const {}
};

void use(const any_model& model, unloop::decoder_state& state, unloop::backward_state& memory, tap& mine) {
    unloop::serial executor;
    unloop::no_tap none;
    const auto seed = [](unloop::const_matrix_view, unloop::matrix_view) {};
    unloop::backward(model.decoder(), state, memory, {}, seed, mine, executor, none);
}
