// expect: tap_or_none
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A pack of taps takes taps.
#include <unloop/blocks/tap.hpp>

struct tap {};

void use(tap& mine) { unloop::tap_pack pack(mine); }
