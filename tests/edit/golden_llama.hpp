// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The golden models, plans on them and their logits and tokens under a tap.
#ifndef UNLOOP_TESTS_EDIT_GOLDEN_LLAMA_HPP
#define UNLOOP_TESTS_EDIT_GOLDEN_LLAMA_HPP

#include <unloop/core/random.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/parallel.hpp>

#include <string>
#include <vector>

#include "support/any_model.hpp"
#include "support/golden.hpp"

namespace test {

constexpr const char* bf16_llama = "gguf/llama.bf16.gguf";
constexpr const char* q8_llama = "gguf/llama.q8_0.gguf";

inline any_model load_llama(const std::string& path) { return load_model(path); }

/// Logits of every position of `tokens` as one row, [tokens * vocabulary].
template <class Model, class Tap>
std::vector<float> logits_of(const Model& model, const std::vector<unloop::token_id>& tokens, Tap tap) {
    unloop::decoder_state state(model.config(), {1, tokens.size(), tokens.size(), tokens.size()});
    std::vector<unloop::batch_token> pass;
    for (std::size_t t = 0; t < tokens.size(); ++t) pass.push_back({tokens[t], 0, static_cast<std::int32_t>(t), true});
    unloop::serial executor;
    const unloop::matrix_view logits = model.decoder().forward(state, pass, executor, tap);
    return {logits.data(), logits.data() + logits.rows() * logits.columns()};
}

/// Greedy tokens of each prompt.
template <class Model, class Tap>
std::vector<std::vector<unloop::token_id>> tokens_of(const Model& model,
                                                     const std::vector<std::vector<unloop::token_id>>& prompts, Tap tap,
                                                     unloop::generation_options options = {.max_tokens = 32}) {
    std::vector<std::vector<unloop::token_id>> tokens;
    options.stop_at_end_token = false;
    for (const auto& row : generate_all(model, prompts, options, unloop::greedy{}, unloop::never_stop{}, tap))
        tokens.push_back(row.tokens);
    return tokens;
}

/// `count` edits of random neurons of the golden llama (3 layers of 96) with factors drawn from `factors`.
inline unloop::plan random_plan(std::uint64_t seed, std::size_t count, const std::vector<float>& factors) {
    unloop::random_sequence random(seed);
    unloop::plan made;
    for (std::size_t i = 0; i < count; ++i) {
        const auto layer = static_cast<std::int32_t>(random.below(3)),
                   neuron = static_cast<std::int32_t>(random.below(96));
        made.edits.push_back({unloop::neuron_id{layer, neuron}, factors[random.below(factors.size())]});
    }
    return made;
}

inline std::vector<unloop::token_id> random_prompt(std::uint64_t seed, std::size_t length) {
    unloop::random_sequence random(seed);
    std::vector<unloop::token_id> tokens;
    for (std::size_t i = 0; i < length; ++i) tokens.push_back(static_cast<unloop::token_id>(random.below(272)));
    return tokens;
}

}  // namespace test

#endif
