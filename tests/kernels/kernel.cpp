// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The mechanism: a claimed kernel runs on the backend, all others are plain loops, and claims are by format.
#include <unloop/kernels/kernel.hpp>

#include <archetypes/backend.hpp>
#include <laws/backend.hpp>

#include "definition.hpp"
#include "weights.hpp"

using namespace unloop;

namespace {

/// Says which kernel ran by what it returns.
struct marking_backend {
    using claims = all_claims<unloop::claims<kernels::dot_t>, unloop::claims<kernels::matvec_t, f16, q4_1>>;
    float operator()(kernels::dot_t, std::span<const float>, std::span<const float>) const noexcept { return 42; }
    template <class Format>
    void operator()(kernels::matvec_t, typed_weights<Format>, std::span<const float>,
                    std::span<float> out) const noexcept {
        for (float& value : out) value = 42;
    }
    /// Not claimed, hence never called.
    void operator()(kernels::softmax_t, std::span<float> values) const noexcept { values[0] = 42; }
};

struct states_variance {
    static constexpr bool batch_invariant = false;
};

}  // namespace

static_assert(!replaces<reference, kernels::dot_t>);
static_assert(!replaces<archetypes::empty_backend, kernels::dot_t>);
static_assert(replaces<archetypes::dot_backend, kernels::dot_t>);
static_assert(!replaces<archetypes::dot_backend, kernels::softmax_t>);
static_assert(replaces<marking_backend, kernels::dot_t>);
static_assert(replaces<marking_backend, kernels::matvec_t, f16>);
static_assert(replaces<marking_backend, kernels::matvec_t, q4_1>);
static_assert(!replaces<marking_backend, kernels::matvec_t, q8_0>);
static_assert(!replaces<marking_backend, kernels::matmul_t, f16>);
static_assert(!replaces<marking_backend, kernels::matvec_t>, "a kernel that reads weights is claimed by format");
static_assert(!replaces<marking_backend, kernels::softmax_t>);

static_assert(is_batch_invariant<reference>);
static_assert(is_batch_invariant<archetypes::empty_backend>);
static_assert(is_batch_invariant<archetypes::dot_backend>);
static_assert(!is_batch_invariant<marking_backend>, "a backend that replaces something must say so itself");
static_assert(!is_batch_invariant<states_variance>);
static_assert(keeps_activations(reference{}));
static_assert(!keeps_activations(marking_backend{}), "and this too");

TEST_CASE("a claimed kernel runs on the backend, the others are plain loops") {
    const std::vector<float> a{1, 2, 3};
    CHECK(kernels::dot(marking_backend{}, a, a) == 42);
    CHECK(kernels::dot(archetypes::empty_backend{}, a, a) == 14);
    CHECK(kernels::dot(reference{}, a, a) == 14);
    std::vector<float> values{0, 0};
    kernels::softmax(marking_backend{}, values);
    CHECK(values == std::vector<float>{0.5F, 0.5F});
}

TEST_CASE("claims are by format: the rest falls to the plain loop") {
    const definition::vector x(32, 0, 1);
    for_each_format([&](auto format) {
        using format_type = decltype(format);
        const random_weights<format_type> weights(3, 32, 2);
        std::vector<float> out(3), unclaimed(3);
        kernels::matvec(marking_backend{}, weights.view(), x, out);
        kernels::matvec(reference{}, weights.view(), x, unclaimed);
        const bool claimed = format.tag == number_format::f16 || format.tag == number_format::q4_1;
        CHECK(out == (claimed ? std::vector<float>(3, 42.0F) : unclaimed));
    });
}

TEST_CASE("the smallest backends keep the laws") {
    CHECK(laws::broken_backend_laws(reference{}, {.tolerance = 0}).empty());
    CHECK(laws::broken_backend_laws(archetypes::empty_backend{}, {.tolerance = 0}).empty());
    CHECK(laws::broken_backend_laws(archetypes::one_format_backend{}, {.tolerance = 0}).empty());
    CHECK(laws::broken_backend_laws(archetypes::dot_backend{}, {.tolerance = 4e-6}).empty());
}

TEST_CASE("the laws find what is wrong") {
    using messages = std::vector<std::string>;
    CHECK(laws::broken_backend_laws(archetypes::wrong_dot_backend{}) ==
          messages{"dot agrees with the plain loop", "both vectors of dot may be the same",
                   "NaN and infinity go through dot as through the plain loop"});
    CHECK(laws::broken_backend_laws(archetypes::dot_backend{}, {.tolerance = 0}) ==
          messages{"both vectors of dot may be the same", "dot agrees with the plain loop"});
    CHECK(laws::broken_backend_laws(archetypes::naive_softmax_backend{}) ==
          messages{"masked, large and spoiled scores are treated as the plain loop does"});
    CHECK(laws::broken_backend_laws(archetypes::variant_backend{}) ==
          messages{"batch-invariant: a row of matmul has the bits of matvec"});
    CHECK_FALSE(laws::broken_backend_laws(marking_backend{}).empty());
}

TEST_CASE("the laws find NaN and infinity that are hidden, or that spread") {
    using messages = std::vector<std::string>;
    CHECK(laws::broken_backend_laws(archetypes::deaf_backend{}) ==
          messages{"NaN and infinity go through products as through the plain loop"});
    CHECK(laws::broken_backend_laws(archetypes::spilling_backend{}) ==
          messages{"NaN and infinity show in no other row of a batch"});
    CHECK(laws::broken_backend_laws(archetypes::hiding_backend{}) ==
          messages{"NaN and infinity go through vectors as through the plain loop",
                   "NaN and infinity go through weighted_sum as through the plain loop",
                   "activations of NaN and infinity are the plain loop's, of minus infinity not finite"});
    CHECK(laws::broken_backend_laws(archetypes::wide_norm_backend{}) ==
          messages{"a norm whose mean square overflows is that of the plain loop"});
}
