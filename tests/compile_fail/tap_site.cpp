// expect: tap_or_none
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A tap at a site that is not in the list.
#include <unloop/blocks/block_run.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/parallel/serial.hpp>

struct my_site {};

struct tap {
    void operator()(my_site, const unloop::tap_place&, unloop::matrix_view) const {}
};

using run = unloop::block_run<unloop::reference, unloop::serial, tap>;
std::size_t use(const run& now) { return now.tokens.size(); }
