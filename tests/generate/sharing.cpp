// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Rows that share a past are computed once, and that shows in nothing but the cost.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/generate/sampling.hpp>

#include <map>
#include <tuple>

#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

/// A Gemma 4 of random weights as `generate_all` wants it: rings, shared keys, experts, layer inputs.
struct wordless : golden::small_gemma4<dispatched> {
    using small_gemma4::small_gemma4;
    [[nodiscard]] static bool has_tokenizer() { return false; }
    [[nodiscard]] static const any_tokenizer& tokenizer() { throw error("this model has no tokenizer"); }
};

/// Listens and says nothing about rows: so none share.
struct apart {
    std::size_t tokens = 0;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view) {
        if (place.layer == 0) tokens += place.tokens.size();
    }
};
/// The same, but rows may share everything.
struct together : apart {
    using apart::operator();
    static layer_range own_layers(std::size_t, std::size_t) { return no_layers; }
};
static_assert(row_sharer<together> && !row_sharer<apart>);

using prompt_list = std::vector<std::vector<token_id>>;

std::vector<token_id> some_prompt(std::uint64_t seed, std::size_t length) {
    random_sequence random(seed);
    std::vector<token_id> tokens(length);
    for (token_id& token : tokens) token = static_cast<token_id>(random.below(50));
    return tokens;
}

/// Prompts of every kind: alike, with a common beginning that is short or long, one that begins another, and alone.
prompt_list many_prompts(std::size_t common) {
    const std::vector<token_id> beginning = some_prompt(1, common);
    prompt_list prompts;
    for (std::uint64_t i = 0; i < 12; ++i) {
        std::vector<token_id> one = i % 4 == 3 ? std::vector<token_id>() : beginning;
        const auto rest = some_prompt(10 + i / 2, 1 + (i * 7) % 23);  // so that some are alike
        one.insert(one.end(), rest.begin(), rest.end());
        prompts.push_back(one);
    }
    prompts.push_back(beginning), prompts.push_back(beginning);
    prompts.push_back(some_prompt(1, common / 2 + 1));
    return prompts;
}

bool same(const std::vector<record>& a, const std::vector<record>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const record& x, const record& y) {
        return x.id == y.id && x.prompt == y.prompt && x.tokens == y.tokens &&
               x.log_probabilities == y.log_probabilities && x.reason == y.reason;
    });
}

}  // namespace

TEST_CASE("rows that share have the bits of rows that do not, whatever the batch, the chunk, the ring and the sampler",
          "[invariance]") {
    const std::map<std::size_t, std::size_t> windows{{5, 40}, {20, 150}, {70, 200}};  // window: length in common
    for (const auto& [window, common] : windows) {
        const wordless model(window);
        const auto prompts = many_prompts(common);
        const auto check = [&](const auto& sampler) {
            generation_options options{.max_tokens = 30, .batch = 1, .chunk = 300, .log_probabilities = true};
            apart alone;
            const auto expected = generate_all(model, prompts, options, sampler, never_stop{}, alone);
            for (const auto& [batch, chunk, threads] :
                 {std::tuple{1U, 5U, 1U}, {2U, 1U, 1U}, {3U, 64U, 2U}, {7U, 16U, 1U}, {64U, 300U, 2U}}) {
                INFO("window " << window << ", batch " << batch << ", chunk " << chunk);
                options.batch = batch, options.chunk = chunk, options.threads = threads;
                together shared;
                const auto all = generate_counted(model, prompts, options, sampler, never_stop{}, shared);
                CHECK(same(all.records, expected));
                CHECK(all.work.computed == static_cast<double>(shared.tokens));
                CHECK(all.work.tokens == alone.tokens);
                // A single row may be past where its rings let it go back to.
                CHECK((batch == 1 || all.work.shared() > 0));
                no_tap none;
                CHECK(same(generate_all(model, prompts, options, sampler, never_stop{}, none), expected));
            }
        };
        check(greedy{});
        if (window == 20) check(sampling{.temperature = 1.0F, .seed = 3});
    }
}

TEST_CASE("a beginning is computed once, and equal prompts up to their last token") {
    const wordless model(20);
    const auto beginning = some_prompt(1, 40);
    prompt_list prompts;
    for (std::uint64_t i = 0; i < 6; ++i) {
        prompts.push_back(beginning);
        const auto own = some_prompt(10 + i / 2, 10);  // three prompts, twice each
        prompts.back().insert(prompts.back().end(), own.begin(), own.end());
    }
    const sampling sampler{.temperature = 1.0F, .seed = 8};
    const auto work_of = [&](std::size_t batch) {
        no_tap none;
        return generate_counted(model, prompts, {.max_tokens = 1, .batch = batch}, sampler, never_stop{}, none).work;
    };
    for (const std::size_t batch : {1U, 6U, 20U}) {
        INFO("batch " << batch);
        const generation_work work = work_of(batch);
        CHECK(work.tokens == 6 * 50);
        // The beginning, what each of the three has of its own; of equals the last token, once more if apart.
        CHECK(work.computed <= 40 + 3 * 10 + 3);
        CHECK(work.not_needed == 0);
    }
}
