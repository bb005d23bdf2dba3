// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it has one.
#include <laws/tensor.hpp>

struct matrix {
    float values[6];
};

template <>
struct unloop::tensor_traits<matrix> {
    template <class Self>
    static auto view(Self& self) {
        return unloop::view{self.values, 2, 3};
    }
};

bool use(matrix& mine) { return laws::broken_tensor_laws(mine, {2, 3}).empty(); }
