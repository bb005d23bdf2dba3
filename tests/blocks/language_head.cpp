// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The head is one linear map.
#include <unloop/blocks/language_head.hpp>

#include <catch2/catch_test_macros.hpp>

#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("logits are the head's weights times the normed stream") {
    const std::size_t vocabulary = 50, hidden = 12, tokens = 3;
    const auto memory = random_floats(vocabulary * hidden, 1), inputs = random_floats(tokens * hidden, 2);
    const language_head head{as_weights(const_matrix_view(memory.data(), vocabulary, hidden))};
    const const_matrix_view x(inputs.data(), tokens, hidden);
    std::vector<float> logits(tokens * vocabulary);
    serial alone;
    head.forward(reference{}, alone, x, matrix_view(logits.data(), tokens, vocabulary));
    for (std::size_t t = 0; t < tokens; ++t)
        CHECK(difference(std::span(logits).subspan(t * vocabulary, vocabulary), times(head.weights, row_of(x, t))) <
              1e-6);
}
