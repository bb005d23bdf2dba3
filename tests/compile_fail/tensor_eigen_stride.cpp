// expect: eigen: neighbours in a row must lie side by side, with an inner stride of 1 that the type states
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A column of a row-major matrix.
#include <unloop/tensor/eigen.hpp>

auto use(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& mine) {
    return unloop::as_view(mine.col(0));
}
