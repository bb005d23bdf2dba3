// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop::kernels: every Highway kernel compiled once per instruction set, and the choice between them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dispatched_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep; compiles this file again for each target
#include <unloop/backend/dispatched.hpp>
#include <unloop/backend/highway/table.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {
const kernel_table* table_of_target() { return &functions; }
}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unloop::inline v0::backend {

HWY_EXPORT(table_of_target);

const kernel_table& dispatched_table() noexcept {
    static const kernel_table& table = *HWY_DYNAMIC_DISPATCH(table_of_target)();
    return table;
}

}  // namespace unloop::inline v0::backend
#endif
