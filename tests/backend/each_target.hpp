// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A backend that runs a test once for every instruction set that this machine can run.
#ifndef UNLOOP_TESTS_BACKEND_EACH_TARGET_HPP
#define UNLOOP_TESTS_BACKEND_EACH_TARGET_HPP

#include <catch2/catch_message.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <unloop/backend/dispatched.hpp>

namespace each_target {

inline const unloop::backend::kernel_table* current = unloop::backend::dispatched_tables().front();

struct source {
    static const unloop::backend::kernel_table& table() noexcept { return *current; }
};
using backend = unloop::backend::table_backend<source>;

/// At the beginning of a test case: the rest of it runs once for each target.
inline void choose() {
    const auto tables = unloop::backend::dispatched_tables();
    current = GENERATE_COPY(from_range(tables.begin(), tables.end()));
    UNSCOPED_INFO("target " << current->target);
}

}  // namespace each_target

#endif
