// expect: tap_or_none
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A tap whose only event takes a span, which no site hands out.
#include <unloop/blocks/block_run.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/parallel/serial.hpp>

struct tap {
    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place&, std::span<float>) const {}
};

using run = unloop::block_run<unloop::reference, unloop::serial, tap>;
std::size_t use(const run& now) { return now.tokens.size(); }
