// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Highway backend for the instruction set that this translation unit is compiled for (static dispatch).
#ifndef UNLOOP_BACKEND_HIGHWAY_HPP
#define UNLOOP_BACKEND_HIGHWAY_HPP

#include <unloop/backend/highway/table.hpp>

#if HWY_TARGET == HWY_SCALAR && !defined(UNLOOP_ALLOW_SCALAR_HIGHWAY)
#pragma message( \
        "unloop: Highway runs on its scalar target here. Link unloop::kernels and use unloop::dispatched for run-time dispatch, or compile every file of the program with flags such as -march=x86-64-v3 -maes -mpclmul")
#endif

namespace unloop::inline v0 {

/// Every file of one program must be compiled for the same instruction set; where that cannot be had, use `dispatched`
/// (backend/dispatched.hpp). Batch-invariant; agrees with `reference` to rounding.
using highway = backend::table_backend<backend::HWY_NAMESPACE::static_source>;

}  // namespace unloop::inline v0

#endif
