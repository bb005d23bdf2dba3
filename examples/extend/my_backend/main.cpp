// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A backend of one's own: without a member it is right already; one member replaces one plain loop.
#include <laws/backend.hpp>

#include <iostream>
#include <vector>

#include "my_backend.hpp"

int main() {
    const std::vector<float> a{1, 2, 3}, b{4, 5, 6};
    std::vector<float> scores{1, 1};
    // [use]
    std::cout << unloop::kernels::dot(my_first_backend{}, a, b) << '\n';  // the plain loop
    std::cout << unloop::kernels::dot(my_backend{}, a, b) << '\n';        // the member
    unloop::kernels::softmax(my_backend{}, scores);                       // not claimed: the plain loop
    // [/use]
    std::cout << scores[0] << ' ' << scores[1] << '\n';

    // [laws]
    const auto broken = laws::broken_backend_laws(my_backend{}, {.tolerance = 1e-5});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]
    return broken.empty() && laws::broken_backend_laws(my_first_backend{}, {.tolerance = 0}).empty() ? 0 : 1;
}
