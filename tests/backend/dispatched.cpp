// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The compiled backend keeps the laws of backends.
#include <unloop/backend/dispatched.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/backend.hpp>

#include <string>  // name of the instruction set

TEST_CASE("the dispatched backend keeps the laws of backends") {
    INFO("target " << unloop::dispatched::target());
    for (const std::string& law : laws::broken_backend_laws(unloop::dispatched{}, {.tolerance = 4e-6})) FAIL_CHECK(law);
    CHECK(unloop::is_batch_invariant<unloop::dispatched>);
    CHECK_FALSE(std::string(unloop::dispatched::target()).empty());
}
