// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop::kernels: every Highway kernel compiled once per instruction set, and the choice between them.
#include <unloop/backend/dispatched.hpp>
#include <unloop/core/expects.hpp>

#include <array>        // tables
#include <cstdlib>      // getenv
#include <iterator>     // size
#include <string_view>  // names of instruction sets
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "dispatched_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep; compiles this file again for each target
#include <unloop/backend/highway/table.hpp>

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {
const kernel_table* table_of_target(arithmetic kind) { return kind == arithmetic::fast ? &fast_functions : &functions; }
}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unloop::inline v0::backend {

HWY_EXPORT(table_of_target);

namespace {

/// Highway's own array has the best target first and the fallback last; its first place chooses at run time.
struct tables_of_machine {
    std::array<const kernel_table*, std::size(HWY_DISPATCH_TABLE(table_of_target))> tables{};
    std::size_t count = 0;

    explicit tables_of_machine(arithmetic kind) {
        const auto& choices = HWY_DISPATCH_TABLE(table_of_target);
        const auto runnable = HWY_CHOSEN_TARGET_SHIFT(hwy::SupportedTargets()) | HWY_CHOSEN_TARGET_MASK_SCALAR;
        for (std::size_t i = 1; i < std::size(choices); ++i)
            if ((runnable >> i & 1) != 0 && choices[i] != nullptr) add(choices[i](kind));
        if (count == 0) add(choices[0](kind));
    }
    void add(const kernel_table* table) {
        if (count == 0 || tables[count - 1] != table) tables[count++] = table;
    }
};

const kernel_table& chosen_table(arithmetic kind) {
    const char* const name = std::getenv("UNLOOP_TARGET");
    if (name == nullptr || *name == '\0') return *dispatched_tables(kind).front();
    for (const kernel_table* table : dispatched_tables(kind))
        if (std::string_view(table->target) == name) return *table;
    expects(false, "UNLOOP_TARGET: must name an instruction set that this machine can run, such as AVX2");
    return *dispatched_tables(kind).front();
}

}  // namespace

std::span<const kernel_table* const> dispatched_tables(arithmetic kind) noexcept {
    static const tables_of_machine exact(arithmetic::exact), fast(arithmetic::fast);
    const tables_of_machine& asked = kind == arithmetic::fast ? fast : exact;
    return {asked.tables.data(), asked.count};
}

const kernel_table& dispatched_table(arithmetic kind) noexcept {
    static const kernel_table &exact = chosen_table(arithmetic::exact), &fast = chosen_table(arithmetic::fast);
    return kind == arithmetic::fast ? fast : exact;
}

}  // namespace unloop::inline v0::backend
#endif
