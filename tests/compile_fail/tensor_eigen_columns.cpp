// expect: eigen: rows of a column-major matrix are not contiguous
// expect: declare it with Eigen::RowMajor, or pass m.transpose(), which is [columns, rows]
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Eigen's default layout, as it is.
#include <unloop/tensor/eigen.hpp>

auto use(Eigen::MatrixXf& mine) { return unloop::as_view(mine); }
