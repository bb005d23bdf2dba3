// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twins that compile: the transpose, and a row-major matrix.
#include <unloop/tensor/eigen.hpp>

auto use(Eigen::MatrixXf& mine) { return unloop::as_view(mine.transpose()); }
auto use(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>& mine) { return unloop::as_view(mine); }
