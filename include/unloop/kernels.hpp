// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `kernels`: one function object a header, each with its plain loop.
#ifndef UNLOOP_KERNELS_HPP
#define UNLOOP_KERNELS_HPP

#include <unloop/kernels/activation.hpp>
#include <unloop/kernels/add.hpp>
#include <unloop/kernels/add_outer.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/kernels/dot.hpp>
#include <unloop/kernels/exp_sum.hpp>
#include <unloop/kernels/gated_product.hpp>
#include <unloop/kernels/gated_product_vjp.hpp>
#include <unloop/kernels/gelu_tanh.hpp>
#include <unloop/kernels/kernel.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/kernels/matmul.hpp>
#include <unloop/kernels/matmul_transposed.hpp>
#include <unloop/kernels/matvec.hpp>
#include <unloop/kernels/rms_norm.hpp>
#include <unloop/kernels/rms_norm_vjp.hpp>
#include <unloop/kernels/rotary.hpp>
#include <unloop/kernels/rotary_vjp.hpp>
#include <unloop/kernels/scale.hpp>
#include <unloop/kernels/silu.hpp>
#include <unloop/kernels/soft_cap.hpp>
#include <unloop/kernels/soft_cap_vjp.hpp>
#include <unloop/kernels/softmax.hpp>
#include <unloop/kernels/softmax_vjp.hpp>
#include <unloop/kernels/top_k.hpp>
#include <unloop/kernels/weighted_sum.hpp>

#endif
