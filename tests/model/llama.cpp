// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parity of the Llama family, read from GGUF, with transformers, and equality of every way to run it.
#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>

#include <cmath>   // pow
#include <vector>  // logits

#include "golden_run.hpp"

using namespace unloop;

namespace {

template <class Backend>
auto open_llama(const std::string& file, const std::string& expected, const Backend& backend = {}) {
    return golden::golden_run(load<llama>(gguf::open(golden::path("gguf/" + file)), backend), expected);
}
template <class Backend>
auto bf16_llama() {
    return open_llama<Backend>("llama.bf16.gguf", "models/llama/expected.safetensors");
}

}  // namespace

TEMPLATE_TEST_CASE("the golden llama has the activations and logits of transformers", "[parity]", reference,
                   dispatched) {
    golden::check_activations(bf16_llama<TestType>());
}

TEMPLATE_TEST_CASE("ablated neurons and skipped branches give the logits of transformers", "[parity]", reference,
                   dispatched) {
    CHECK(golden::check_edits(bf16_llama<TestType>()) == 5 * 3 + 2 * 3);
}

TEMPLATE_TEST_CASE("greedy tokens equal those of transformers", "[parity]", reference, dispatched) {
    golden::check_greedy(bf16_llama<TestType>());
    golden::check_greedy(open_llama<TestType>("llama.q8_0.gguf", "gguf/llama.q8_0.expected.safetensors"));
}

TEMPLATE_TEST_CASE("prefill, chunks, single steps and batches give the same bits, on any number of threads",
                   "[invariance]", reference, dispatched) {
    golden::check_invariance(bf16_llama<TestType>());
}

TEST_CASE("fast arithmetic is within 2 % of the logits of transformers, and has its own bits in every way to run",
          "[parity][invariance]") {
    const auto run =
        open_llama("llama.q8_0.gguf", "gguf/llama.q8_0.expected.safetensors", dispatched(arithmetic::fast));
    no_tap none;
    const std::vector<float> logits = run.run_all(none), wanted = run.expected.floats("logits");
    REQUIRE(logits.size() == wanted.size());
    double squared_error = 0, squares = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        squared_error += std::pow(double{logits[i]} - double{wanted[i]}, 2);
        squares += std::pow(double{wanted[i]}, 2);
    }
    CHECK(squared_error < 0.02 * 0.02 * squares);      // the product_tolerance of its laws
    CHECK(golden::difference(logits, wanted) > 1e-4);  // it rounds
    golden::check_invariance(run);
}
