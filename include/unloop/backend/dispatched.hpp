// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The Highway backend of the compiled target unloop::kernels: the best instruction set of the running machine.
#ifndef UNLOOP_BACKEND_DISPATCHED_HPP
#define UNLOOP_BACKEND_DISPATCHED_HPP

#include <unloop/backend/fast_arithmetic.hpp>
#include <unloop/backend/kernel_table.hpp>

#include <span>  // tables

namespace unloop::inline v0 {

namespace backend {

/// The tables of all instruction sets that were compiled and that this machine can run, the best first.
[[nodiscard]] std::span<const kernel_table* const> dispatched_tables(arithmetic kind = arithmetic::exact) noexcept;

/// The best of them, or the one that the environment variable UNLOOP_TARGET names (AVX3, AVX2, SSE4, ...); chosen at
/// the first call. A name that this machine cannot run ends the program.
[[nodiscard]] const kernel_table& dispatched_table(arithmetic kind = arithmetic::exact) noexcept;

/// Holds its table, so that one type of backend, and of everything above it, has either arithmetic.
class dispatched_source {
  public:
    dispatched_source(arithmetic kind = arithmetic::exact) noexcept : table_(&dispatched_table(kind)) {}
    [[nodiscard]] const kernel_table& table() const noexcept { return *table_; }

  private:
    const kernel_table* table_;
};

}  // namespace backend

/// Needs no flags of the user and no Highway headers. Gives the same bits on every instruction set with fused
/// multiply-add. Batch-invariant; agrees with `reference` to rounding. `dispatched{arithmetic::fast}` agrees with
/// `fast_reference` instead where weights are Q4_1 or Q8_0; bf16 weights are told in docs/concepts/backend.md.
using dispatched = backend::table_backend<backend::dispatched_source>;

}  // namespace unloop::inline v0

#endif
