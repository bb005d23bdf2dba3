// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The program of a user's project: reaches the library through its build target alone.
#include <unloop/core.hpp>
#include <unloop/detect/periodic_loop.hpp>
#ifdef USE_KERNELS
#include <unloop/backend/dispatched.hpp>
#endif

int main() {
    unloop::periodic_loop detector;
    bool found = false;
    for (int step = 0; step < 1000; ++step) found = detector.observe(step % 3).has_value() || found;
#ifdef USE_KERNELS
    if (&unloop::backend::dispatched_table() == nullptr) return 2;
#endif
    return found ? 0 : 1;
}
