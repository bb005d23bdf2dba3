// expect: tensor: needs tensor_traits<Tensor> with static auto view(Tensor&); see docs/concepts/tensor.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A matrix of one's own without a trait.
#include <laws/tensor.hpp>

struct matrix {
    float values[6];
};

bool use(matrix& mine) { return laws::broken_tensor_laws(mine, {2, 3}).empty(); }
