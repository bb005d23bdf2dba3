// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: two dimensions.
#include <unloop/tensor/xtensor.hpp>

auto use(const xt::xtensor<float, 2>& mine) { return unloop::as_view(mine); }
