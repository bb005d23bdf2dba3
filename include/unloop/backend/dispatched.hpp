// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Highway backend of the compiled target unloop::kernels: the best instruction set of the running machine.
#ifndef UNLOOP_BACKEND_DISPATCHED_HPP
#define UNLOOP_BACKEND_DISPATCHED_HPP

#include <unloop/backend/kernel_table.hpp>

namespace unloop::inline v0 {

namespace backend {

/// The table for this machine, chosen at the first call; defined in unloop::kernels.
[[nodiscard]] const kernel_table& dispatched_table() noexcept;

struct dispatched_source {
    [[nodiscard]] static const kernel_table& table() noexcept { return dispatched_table(); }
};

}  // namespace backend

/// Needs no flags of the user and no Highway headers. Gives the same bits on every instruction set with fused
/// multiply-add. Batch-invariant; agrees with `reference` to rounding.
using dispatched = backend::table_backend<backend::dispatched_source>;

}  // namespace unloop::inline v0

#endif
