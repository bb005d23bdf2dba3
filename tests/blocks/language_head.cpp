// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The head is one linear map.
#include <unloop/blocks/language_head.hpp>

#include <catch2/catch_test_macros.hpp>

#include "layer_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

TEST_CASE("logits are the head's weights times the normed stream, soft-capped where asked") {
    const std::size_t vocabulary = 50, hidden = 12, tokens = 3;
    const auto memory = random_floats(vocabulary * hidden, 1), inputs = random_floats(tokens * hidden, 2);
    const language_head head{as_weights(const_matrix_view(memory.data(), vocabulary, hidden))};
    const const_matrix_view x(inputs.data(), tokens, hidden);
    std::vector<float> logits(tokens * vocabulary);
    serial alone;
    for (const float cap : {0.0F, 2.0F}) {
        head.forward(reference{}, alone, cap, x, matrix_view(logits.data(), tokens, vocabulary));
        for (std::size_t t = 0; t < tokens; ++t) {
            CHECK(difference(std::span(logits).subspan(t * vocabulary, vocabulary),
                             logits_of(head, cap, row_of(x, t))) < 1e-6);
        }
    }
}
