// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Every backend keeps the laws of backends: the library's own, Eigen, xtensor, and the example of one's own.
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/backend.hpp>

#include <string>
#include <vector>

#include "../../examples/extend/my_backend/my_backend.hpp"
#include "support/erased_backend.hpp"

TEST_CASE("every backend agrees with the plain loops in every kernel and format") {
    for (const test::named_backend& each : test::every_backend()) {
        INFO("backend " << each.name);
        const laws::backend_claims claims{.tolerance = each.tolerance, .product_tolerance = each.product_tolerance};
        CHECK(laws::broken_backend_laws(each.backend, claims) == std::vector<std::string>{});
        // Neither Eigen nor xtensor promises an order of sums.
        CHECK(each.batch_invariant == (each.name != "eigen" && each.name != "xtensor"));
    }
}

TEMPLATE_TEST_CASE("a backend of one's own keeps the laws of backends with no member and with one", "",
                   my_first_backend, my_backend) {
    CHECK(laws::broken_backend_laws(TestType{}, {.tolerance = 2e-6}) == std::vector<std::string>{});
    CHECK(unloop::is_batch_invariant<TestType>);
}
