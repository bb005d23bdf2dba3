// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A recorded run of the golden llama with a decision at the last position, made without text.
#ifndef UNLOOP_TESTS_ATTRIBUTE_GOLDEN_RUN_HPP
#define UNLOOP_TESTS_ATTRIBUTE_GOLDEN_RUN_HPP

#include <unloop/attribute/recorded_run.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"

namespace attribute_tests {

using namespace unloop;

struct golden_run {
    test::any_model model = test::golden_model();
    golden::tensors expected{"models/llama/expected.safetensors"};
    thread_pool pool{2};

    /// Row `b` of the goldens; the decision is the token after it, against four others.
    recorded_run run(std::size_t b) {
        const auto ids = expected.integers("tokens");
        recorded_run made;
        made.tokens.assign(ids.begin() + static_cast<std::ptrdiff_t>(b * 36),
                           ids.begin() + static_cast<std::ptrdiff_t>(b * 36 + 36));
        made.prompt_tokens = 12;
        made.onset = 20;
        made.decisions = {{36, 7, {3, 50, 100, 271}}};
        record_activations(model.decoder(), pool, made);
        return made;
    }
    /// Row `b` of a golden [3, 272].
    std::vector<float> logits(const std::string& name, std::size_t b) const {
        const auto all = expected.floats(name);
        return {all.begin() + static_cast<std::ptrdiff_t>(b * 272),
                all.begin() + static_cast<std::ptrdiff_t>(b * 272 + 272)};
    }
};

}  // namespace attribute_tests

#endif
