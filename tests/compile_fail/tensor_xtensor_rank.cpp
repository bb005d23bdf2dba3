// expect: xtensor: the number of dimensions must be part of the type
// expect: use xt::xtensor, or xt::adapt with a std::array as shape
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// An array that has as many dimensions as it is given when the program runs.
#include <unloop/tensor/xtensor.hpp>

auto use(xt::xarray<float>& mine) { return unloop::as_view(mine); }
