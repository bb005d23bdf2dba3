// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The embedding copies the row of each token, widened from its format.
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/parallel/serial.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/tensor/bfloat16.hpp>

#include <vector>  // memory

using namespace unloop;

TEST_CASE("the stream begins with the rows of the tokens, in their order, times a factor") {
    const std::size_t vocabulary = 7, hidden = 5;
    std::vector<bfloat16> stored;
    for (std::size_t i = 0; i < vocabulary * hidden; ++i) stored.emplace_back(static_cast<float>(i));
    const token_embedding embedding{{number_format::bf16, vocabulary, hidden, hidden * sizeof(bfloat16),
                                     reinterpret_cast<const std::byte*>(stored.data())}};
    const std::vector<batch_token> tokens{{3, 0, 0, false}, {0, 1, 0, false}, {6, 0, 1, true}, {3, 1, 1, true}};
    std::vector<float> stream(tokens.size() * hidden);
    serial alone;
    for (const float scale : {1.0F, 0.5F}) {
        embedding.forward(reference{}, alone, {vocabulary, hidden, 1, 0, scale, 0}, tokens,
                          matrix_view(stream.data(), tokens.size(), hidden));
        for (std::size_t t = 0; t < tokens.size(); ++t)
            for (std::size_t k = 0; k < hidden; ++k)
                CHECK(stream[t * hidden + k] ==
                      scale * static_cast<float>(static_cast<std::size_t>(tokens[t].token) * hidden + k));
    }
}
