// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: xtensor's default layout.
#include <unloop/tensor/xtensor.hpp>

auto use(xt::xtensor<float, 2>& mine) { return unloop::as_view(mine); }
