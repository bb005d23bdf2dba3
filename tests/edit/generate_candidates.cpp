// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans as rows of one batch: what they share does not show, but in the cost.
#include <unloop/edit/generate_candidates.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/generate/sampling.hpp>

#include <numeric>
#include <tuple>

#include "edit/random_targets.hpp"
#include "support/any_model.hpp"

namespace {

using namespace unloop;

using prompt_list = std::vector<std::vector<token_id>>;

auto gemma(const char* name) { return test::golden_model(std::string("models/") + name); }
auto small_llama() { return test::golden_model(); }

/// With a beginning in common; two are alike.
prompt_list some_prompts() {
    prompt_list prompts;
    for (std::int32_t i = 0; i < 4; ++i) {
        std::vector<token_id> one;
        for (std::int32_t t = 0; t < 15 + i % 3; ++t) one.push_back(t < 11 ? 3 * t + 5 : 100 + (t * (i % 3 + 2)) % 90);
        prompts.push_back(one);
    }
    return prompts;
}

/// Ends a row behind `least` tokens, by their sum, so that rows leave at different times.
struct leaves {
    std::size_t least;
    std::int64_t modulus;
    std::size_t count = 0;
    std::int64_t sum = 0;
    std::optional<finding> observe(token_id token, std::string_view) {
        sum += token;
        return ++count > least && sum % modulus == 3 ? std::optional(finding{}) : std::nullopt;
    }
};
constexpr leaves leaves_early{0, 11}, leaves_late{100, 37};

struct plan_list {
    std::vector<plan> plans;
    std::vector<const plan*> pointers;
    plan_list(const decoder_config& config, std::size_t count, const std::vector<float>& factors) {
        for (std::uint64_t i = 0; i < count; ++i) plans.push_back(test::random_targets(config, i, 1 + i % 3, factors));
        for (const plan& one : plans) pointers.push_back(&one);
        pointers.push_back(nullptr);
        pointers.push_back(&plans[0]);  // once more
    }
};

std::size_t tokens_of(const std::vector<record>& records) {
    return std::accumulate(records.begin(), records.end(), std::size_t{0},
                           [](std::size_t sum, const record& one) { return sum + one.tokens.size(); });
}

bool same(const record& a, const record& b) {
    return a.tokens == b.tokens && a.log_probabilities == b.log_probabilities && a.reason == b.reason && a.id == b.id;
}

/// Every plan in the weights, one after the other, against all of them in one batch.
template <class Model, class Sampler>
void compare(Model model, const Sampler& sampler) {
    const plan_list tried(model.config(), 9, {0.0F, -1.0F});
    const auto prompts = some_prompts();
    generation_options options{
        .max_tokens = 20, .batch = 1, .log_probabilities = true, .stop_at_end_token = false, .first_id = 70};
    std::vector<record> expected;
    for (const plan* const one : tried.pointers) {
        const scoped_edit edited(model, one ? *one : plan{});
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            no_tap none;
            options.first_id = 70 + i;
            expected.push_back(
                generate_all(model, std::span(prompts).subspan(i, 1), options, sampler, leaves_early, none).front());
        }
    }
    options.first_id = 70;
    for (const auto& [batch, chunk, threads] : {std::tuple{1U, 8U, 1U}, {6U, 9U, 1U}, {64U, 128U, 2U}}) {
        INFO("batch " << batch);
        options.batch = batch, options.chunk = chunk, options.threads = threads;
        const auto all = generate_candidates(model, std::span<const std::vector<token_id>>(prompts), tried.pointers,
                                             options, sampler, leaves_early);
        REQUIRE(all.records.size() == expected.size());
        std::size_t differ = 0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            INFO("cell " << i);
            CHECK(same(all.records[i], expected[i]));
            differ +=
                expected[i].log_probabilities != expected[9 * prompts.size() + i % prompts.size()].log_probabilities;
        }
        CHECK(differ > expected.size() / 2);  // the plans do something
        CHECK(all.work.shared() > 0);
        CHECK(all.work.not_needed > 0);
        CHECK(all.work.heads == tokens_of(all.records));
        // Without their probabilities most tokens are told by the logits of a row beside them.
        options.log_probabilities = false;
        const auto told = generate_candidates(model, std::span<const std::vector<token_id>>(prompts), tried.pointers,
                                              options, sampler, leaves_early);
        options.log_probabilities = true;
        for (std::size_t i = 0; i < expected.size(); ++i) CHECK(told.records[i].tokens == expected[i].tokens);
        CHECK((told.work.heads < all.work.heads) == (takes_largest(sampler) && batch > 1));
        CHECK(told.work.tokens == all.work.tokens);
        CHECK((takes_largest(sampler) || told.work.rejected == 0));
    }
}

/// Doubles a neuron of layer 2 in the first `prompt` positions of the second row's prompt alone.
struct edits_prompt_only {
    std::size_t prompt;
    std::vector<std::size_t> prompt_of_row = std::vector<std::size_t>(8, 0);

    void begin_row(std::size_t row, std::size_t which) { prompt_of_row[row] = which; }
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        if (place.layer != 1) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t)
            if (prompt_of_row[static_cast<std::size_t>(place.tokens[t].row)] == 1 &&
                place.tokens[t].position < static_cast<std::int32_t>(prompt))
                for (float& value : values[t]) value *= -1;
    }
};
struct shared_edit_of_prompt : edits_prompt_only {
    static layer_range own_layers(std::size_t a, std::size_t b) { return a == b ? no_layers : layer_range{1, true}; }
};

}  // namespace

TEST_CASE("candidates in one batch have the bits of each plan in the weights, dense and with experts", "[invariance]") {
    compare(small_llama(), greedy{});
    compare(small_llama(), sampling{});  // which is greedy
    compare(small_llama(), sampling{.temperature = 1.0F, .seed = 4});
    compare(gemma("dense"), greedy{});
    compare(gemma("moe"), greedy{});
    compare(gemma("moe"), sampling{.temperature = 1.0F, .seed = 4});
    compare(gemma("e_like"), greedy{});
}

TEST_CASE("rows that expect what another has said keep their bits, through rings that go round", "[invariance]") {
    const auto check = [](const auto& model, const std::vector<float>& factors) {
        plan_list tried(model.config(), 14, factors);
        const auto prompts = some_prompts();
        // Rings hold the window and 16 positions more, in tiles of 64: 200 tokens go round.
        generation_options options{
            .max_tokens = 200, .chunk = 1, .log_probabilities = true, .stop_at_end_token = false};
        std::size_t rejected = 0;
        for (const std::size_t batch : {10U, 16U, 64U}) {  // rows wait in a queue, or none does
            INFO("batch " << batch);
            options.batch = batch, options.log_probabilities = true;
            const auto candidates = [&] {
                return generate_candidates(model, std::span<const std::vector<token_id>>(prompts), tried.pointers,
                                           options, greedy{}, leaves_late);
            };
            const auto expected = candidates();
            CHECK(expected.work.rejected == 0);
            options.log_probabilities = false;
            const auto told = candidates();
            for (std::size_t i = 0; i < expected.records.size(); ++i) {
                CHECK(told.records[i].tokens == expected.records[i].tokens);
                CHECK(told.records[i].reason == expected.records[i].reason);
            }
            CHECK(told.work.tokens == expected.work.tokens);
            CHECK(told.work.not_needed == expected.work.not_needed);
            rejected += told.work.rejected;
        }
        CHECK(rejected > 0);
    };
    for (const std::vector<float>& factors : {std::vector<float>{0.97F, 1.03F}, {0.0F, -1.0F}}) {
        check(small_llama(), factors);
        check(gemma("dense"), factors);
        check(gemma("e_like"), factors);
    }
}

TEST_CASE("an edit of the prompt alone reaches the answer through keys and values") {
    const auto model = small_llama();
    const std::vector<token_id> prompt = some_prompts()[0];
    const prompt_list twice{prompt, prompt};
    const generation_options options{.max_tokens = 20, .log_probabilities = true, .stop_at_end_token = false};
    // The last position of the prompt is left alone as well.
    edits_prompt_only apart{prompt.size() - 1};
    shared_edit_of_prompt shared{{prompt.size() - 1}};
    const auto expected = generate_all(model, twice, options, greedy{}, never_stop{}, apart);
    const auto all = generate_counted(model, twice, options, greedy{}, never_stop{}, shared);
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(all.records[i].tokens == expected[i].tokens);
        CHECK(all.records[i].log_probabilities == expected[i].log_probabilities);
    }
    CHECK(all.records[0].log_probabilities != all.records[1].log_probabilities);
    CHECK(all.work.shared() > 0);
}

TEST_CASE("candidates that never part are computed once below what they edit") {
    const auto model = small_llama();
    // Factors of 1 leave every token as it is.
    const plan first = scale(neuron_id{1, 3}, 1.0F), second = scale(neuron_id{2, 5}, 1.0F);
    const std::vector<const plan*> plans{&first, &second, nullptr};
    const prompt_list prompts{some_prompts()[0]};
    const auto all = generate_candidates(model, std::span<const std::vector<token_id>>(prompts), plans,
                                         {.max_tokens = 20, .stop_at_end_token = false});
    const double tokens = static_cast<double>(prompts[0].size() + 20 - 1), layers = 3;
    CHECK(all.work.tokens == 3 * static_cast<std::size_t>(tokens));
    // One row whole; the others from the feed-forward part of layer 1, and of layer 2.
    CHECK(std::abs(all.work.computed - tokens * (3 - (1.5 + 2.5) / layers)) < 1e-6);
    CHECK(all.records[0].tokens == all.records[2].tokens);
    CHECK(all.records[1].tokens == all.records[2].tokens);
}

TEST_CASE("a plan for another model is refused by name") {
    const auto model = small_llama();
    const plan foreign = suppress(neuron_id{9, 0});
    const std::vector<const plan*> plans{&foreign};
    const prompt_list prompts = some_prompts();
    CHECK_THROWS_AS(generate_candidates(model, std::span<const std::vector<token_id>>(prompts), plans, {}), error);
}
