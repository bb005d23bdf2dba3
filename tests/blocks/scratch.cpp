// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Memory of a backward pass: taken and given back as a stack; and what counts as a gradient tap.
#include <unloop/blocks/scratch.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/blocks/any_gradient_tap.hpp>

#include <cstdint>  // uintptr_t

using namespace unloop;

namespace {

struct of_neurons {
    void operator()(sites::mlp_neurons, const tap_place&, const_matrix_view, matrix_view) const {}
};
struct of_values_alone {
    void operator()(sites::mlp_neurons, const tap_place&, matrix_view) const {}
};
static_assert(gradient_tap<of_neurons> && !gradient_tap<of_values_alone> && !gradient_tap<no_tap>);
static_assert(gradient_tap_or_none<no_tap> && listens_to_gradient<of_neurons, sites::mlp_neurons>);
static_assert(!listens_to_gradient<of_neurons, sites::mlp_up> && !activation_tap<of_neurons>);

}  // namespace

TEST_CASE("a scope gives back what was taken in it, and the peak is remembered") {
    scratch_stack stack(4096);
    const matrix_view first = stack.zeros(2, 8);
    float* again = nullptr;
    {
        const scratch_scope scope(stack);
        again = stack.matrix(4, 16).data();
        CHECK(reinterpret_cast<std::uintptr_t>(again) % cache_line == 0);
        CHECK(again >= first.data() + 16);
        CHECK(stack.peak() == 64 + 256);
    }
    {
        const scratch_scope scope(stack);
        CHECK(stack.matrix(1, 1).data() == again);
    }
    CHECK(stack.peak() == 64 + 256);
    CHECK(first[1][7] == 0.0F);
}

TEST_CASE("more than was expected is allocated, and what was taken before stays where it is") {
    scratch_stack stack(128);
    const matrix_view small = stack.zeros(1, 8);
    const matrix_view large = stack.zeros(1024, 1024);
    const matrix_view copied = stack.copy(large.columns(3, 5));
    large[1023][1023] = 5.0F, small[0][7] = 2.0F;
    CHECK(copied.rows() == 1024);
    CHECK(copied.columns() == 5);
    CHECK(large[1023][1023] == 5.0F);
    CHECK(stack.take<std::int32_t>(0).empty());
}

TEST_CASE("a gradient tap whose type is known when the program runs hears its own sites alone") {
    struct counts {
        int calls = 0;
        void operator()(sites::mlp_neurons, const tap_place&, const_matrix_view, matrix_view gradients) {
            ++calls, gradients[0][0] = 3.0F;
        }
    } tap;
    any_gradient_tap any(tap);
    float value = 0, gradient = 0;
    notify_gradient<sites::mlp_neurons>(any, {}, const_matrix_view(&value, 1, 1), matrix_view(&gradient, 1, 1));
    notify_gradient<sites::mlp_up>(any, {}, const_matrix_view(&value, 1, 1), matrix_view(&gradient, 1, 1));
    CHECK(tap.calls == 1);
    CHECK(gradient == 3.0F);
    no_tap none;
    any_gradient_tap silent(none);
    notify_gradient<sites::mlp_neurons>(silent, {}, const_matrix_view(&value, 1, 1), matrix_view(&value, 1, 1));
    CHECK(value == 0.0F);
}
