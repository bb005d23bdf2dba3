// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it tells the tokens that a period needs.
#include <unloop/detect/periodic_loop.hpp>

#include <cstdint>  // int64_t

struct rule {
    std::int64_t tokens = 30;
    std::int64_t operator()(std::int64_t period) const { return 2 * period + tokens; }
};

unloop::basic_periodic_loop<rule> detector;
