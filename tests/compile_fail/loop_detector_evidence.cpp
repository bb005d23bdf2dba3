// expect: evidence_rule: needs std::int64_t operator()(std::int64_t period) const; see docs/concepts/loop_detector.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A rule that is not a callable.
#include <unloop/detect/periodic_loop.hpp>

#include <cstdint>  // int64_t

struct rule {
    std::int64_t tokens = 30;
};

unloop::basic_periodic_loop<rule> detector;
