// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The compiled backend keeps the laws of backends.
#include <unloop/backend/dispatched.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/backend.hpp>

#include <limits>  // infinity
#include <string>  // name of the instruction set

TEST_CASE("the dispatched backend keeps the laws of backends") {
    INFO("target " << unloop::dispatched::target());
    for (const std::string& law :
         laws::broken_backend_laws(unloop::dispatched{}, {.tolerance = 4e-6, .longest = 2 * 64 + 1}))
        FAIL_CHECK(law);
    CHECK(unloop::is_batch_invariant<unloop::dispatched>);
    CHECK_FALSE(std::string(unloop::dispatched::target()).empty());
}

TEST_CASE("masked experts weigh nothing, and the others the same, on the dispatched backend as on the plain loops") {
    for (const std::size_t experts : {2U, 7U, 16U, 33U, 128U})
        for (std::size_t pattern = 0; pattern < 40; ++pattern) {
            unloop::random_sequence random(pattern, experts);
            std::vector<float> masked, left;
            for (std::size_t e = 0; e < experts; ++e) {
                const bool stays = e == pattern % experts || random.below(3) == 0;
                const auto logit = static_cast<float>(40 * random.uniform() - 20);
                masked.push_back(stays ? logit : -std::numeric_limits<float>::infinity());
                if (stays) left.push_back(logit);
            }
            std::vector<float> plain = masked, fast = masked;
            unloop::kernels::softmax(unloop::reference{}, plain);
            unloop::kernels::softmax(unloop::dispatched{}, fast);
            unloop::kernels::softmax(unloop::reference{}, left);
            for (std::size_t e = 0, next = 0; e < experts; ++e) {
                const float expected = std::isinf(masked[e]) ? 0.0F : left[next++];
                REQUIRE(plain[e] == expected);
                REQUIRE(std::abs(fast[e] - expected) <= 4e-6F * expected);
            }
        }
}
