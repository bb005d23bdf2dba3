// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Umbrella of the room `tensor`: views, number formats, weights, aligned memory, and the trait for foreign tensor
// types.
#ifndef UNLOOP_TENSOR_HPP
#define UNLOOP_TENSOR_HPP

#include <unloop/tensor/aligned_vector.hpp>
#include <unloop/tensor/bfloat16.hpp>
#include <unloop/tensor/float16.hpp>
#include <unloop/tensor/format.hpp>
#include <unloop/tensor/traits.hpp>
#include <unloop/tensor/view.hpp>
#include <unloop/tensor/weight_view.hpp>
#include <unloop/tensor/zeroed_memory.hpp>

#endif
