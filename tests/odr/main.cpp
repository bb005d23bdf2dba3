// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Both translation units see the same entities.
#include <cstdio>

#include "use.hpp"

used_entities forward();
used_entities backward();

int main() {
    if (forward() == backward() && forward() == use_entities()) return 0;
    std::fputs("two translation units see different inline entities\n", stderr);
    return 1;
}
