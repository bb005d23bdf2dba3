// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Greedy output has the same bits over batches of 1 to 64, chunks of 1 to 512 and 1 to 8 threads: every golden model,
// the trained ones, and the real one.
#include <catch2/catch_test_macros.hpp>
#include <laws/invariance.hpp>
#include <unloop/parallel/serial.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"

using namespace unloop;

namespace {

using names = std::vector<std::string>;

/// A model whose logits depend on how many rows want some.
template <class Model>
struct fickle_model {
    struct decoder_type {
        using backend_type = dispatched;
        const Model& held;
        [[nodiscard]] const dispatched& backend() const { return held.decoder().backend(); }
        template <class Executor, class Tap>
        matrix_view forward(decoder_state& state, std::span<const batch_token> tokens,
                            std::span<const token_join> joins, Executor& executor, Tap& tap) const {
            const matrix_view logits = held.decoder().forward(state, tokens, joins, executor, tap);
            if (logits.rows() > 1) logits[0][3] += 1;
            return logits;
        }
    };
    const Model& held;
    decoder_type broken;
    [[nodiscard]] const decoder_config& config() const { return held.config(); }
    [[nodiscard]] const decoder_type& decoder() const { return broken; }
    [[nodiscard]] static bool has_tokenizer() { return false; }
    [[nodiscard]] const auto& tokenizer() const { return held.tokenizer(); }
};

}  // namespace

TEST_CASE("greedy output of every golden model has the same bits, however it is run", "[invariance][laws]") {
    for (const char* const name : {"models/e_like", "models/e_like_hub", "models/dense", "models/moe", "models/unified",
                                   "models/mixtral", "models/llama", "gguf/llama.q8_0.gguf", "gguf/llama.q4_1.gguf",
                                   "gguf/llama.bf16.gguf", "gguf/e_like.bf16.gguf", "gguf/moe.bf16.gguf",
                                   "../../examples/models/dense", "../../examples/models/mixture"}) {
        INFO(name);
        CHECK(laws::broken_invariance_laws(test::golden_model(name)) == names{});
    }
}

TEST_CASE("with keys and values in bf16 greedy output has the same bits too, near those of f32", "[invariance]") {
    for (const char* const name : {"models/e_like", "models/moe", "models/llama"}) {
        INFO(name);
        const auto model = test::golden_model(name);
        const laws::invariance_claims narrow{.prompts = 9,
                                             .batches = {1, 9},
                                             .chunks = {1, 65},
                                             .threads = {3},
                                             .keys_and_values = key_value_format::bf16};
        CHECK(laws::broken_invariance_laws(model, narrow) == names{});
        std::vector<batch_token> tokens;
        for (std::int32_t t = 0; t < 90; ++t) tokens.push_back({(t * t + 5) % 250, 0, t, true});
        const auto logits_of = [&](key_value_format format) {
            decoder_state state(model.config(), {1, 90, 90, 90, format});
            serial alone;
            no_tap none;
            const matrix_view logits = model.decoder().forward(state, tokens, alone, none);
            return std::vector<float>(logits.data(), logits.data() + logits.rows() * logits.columns());
        };
        const double apart = golden::difference(logits_of(key_value_format::bf16), logits_of(key_value_format::f32));
        CHECK(apart > 0);
        CHECK(apart < 0.1);
        const auto bytes = [&](key_value_format format) {
            return decoder_state::bytes(model.config(), {4, 900, 1, 1, format});
        };
        CHECK(bytes(key_value_format::bf16) < bytes(key_value_format::f32));
    }
}

TEST_CASE("the law of invariance finds what is wrong", "[laws]") {
    const auto model = test::golden_model("gguf/llama.q8_0.gguf");
    const fickle_model<decltype(model)> fickle{model, {model}};
    const laws::invariance_claims few{.prompts = 8, .max_tokens = 6, .batches = {7}, .chunks = {512}, .threads = {1}};
    CHECK(laws::broken_invariance_laws(model, few) == names{});
    CHECK(laws::broken_invariance_laws(fickle, few).front() ==
          "batch: it does not matter how many rows run side by side");
}

TEST_CASE("greedy output of the real model has the same bits, however it is run", "[real][invariance]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    const laws::invariance_claims ends{.max_tokens = 2, .batches = {64}, .chunks = {1, 512}, .threads = {2, 8}};
    CHECK(laws::broken_invariance_laws(model, ends) == names{});
}
