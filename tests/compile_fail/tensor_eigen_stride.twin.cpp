// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twins that compile: a row of it, and rows that are apart.
#include <unloop/tensor/eigen.hpp>

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

auto use(row_major& mine) { return unloop::as_view(mine.row(0)); }
auto use(Eigen::Map<row_major, Eigen::Unaligned, Eigen::OuterStride<>>& mine) { return unloop::as_view(mine); }
