// expect: xtensor: rows of a column-major tensor are not contiguous; declare it with xt::layout_type::row_major
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A column-major tensor.
#include <unloop/tensor/xtensor.hpp>

auto use(xt::xtensor<float, 2, xt::layout_type::column_major>& mine) { return unloop::as_view(mine); }
