// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The static Highway backend of the instruction set that this program is compiled for keeps the laws of backends.
#include <unloop/backend/highway.hpp>

#include <laws/backend.hpp>

#include <iostream>  // what is broken
#include <string>    // names of laws

static_assert(unloop::is_batch_invariant<unloop::highway>);

int main() {
    std::cout << "static highway: " << hwy::TargetName(HWY_TARGET) << '\n';
    if (HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || unloop::highway::target() == std::string("SCALAR")) {
        std::cout << "compiled without vectors: this tests nothing\n";
        return 1;
    }
    const auto broken = laws::broken_backend_laws(unloop::highway{}, {.tolerance = 4e-6});
    for (const std::string& law : broken) std::cout << "broken: " << law << '\n';
    return broken.empty() ? 0 : 1;
}
