// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: the type is a tap.
#include <unloop/blocks/tap.hpp>

struct tap {
    void operator()(unloop::sites::residual, const unloop::tap_place&, unloop::matrix_view) const {}
};

void use(tap& mine) { unloop::tap_pack pack(mine); }
