// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A detector in somebody else's engine: reads token ids, stops at the first loop.
// run: < detect.tokens || [ $? = 1 ]
// [program]
#include <unloop/detect/periodic_loop.hpp>

#include <iostream>

int main() {
    unloop::periodic_loop detector;  // what counts as a loop: docs/concepts/loop_detector.md
    for (unloop::token_id token; std::cin >> token;)
        if (const auto loop = detector.observe(token)) {
            std::cout << loop->copies << " copies of " << loop->period << " tokens since token " << loop->start << '\n';
            return 1;
        }
}
// [/program]
