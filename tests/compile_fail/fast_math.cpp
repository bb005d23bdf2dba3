// expect: results must be reproducible
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What -ffast-math defines.
#define __FAST_MATH__ 1
#include <unloop/core/expects.hpp>
