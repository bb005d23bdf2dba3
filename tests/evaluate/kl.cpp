// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The divergence against its definition, computed position by position, and the laws that it must keep.
#include <unloop/evaluate/kl.hpp>

#include <unloop/core/random.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/generate/repetition_penalty.hpp>
#include <unloop/parallel.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "golden_model.hpp"

using namespace unloop;

namespace {

std::vector<forced_text> random_texts(std::size_t vocabulary) {
    std::vector<forced_text> texts;
    random_sequence random(3);
    for (std::size_t n = 0; n < 4; ++n) {
        forced_text text{"text " + std::to_string(n), {}, 1 + 4 * n};
        for (std::size_t t = 0; t < 12 + 9 * n; ++t)
            text.tokens.push_back(static_cast<token_id>(random.below(vocabulary)));
        texts.push_back(text);
    }
    return texts;
}

plan random_plan(std::uint64_t seed, float factor) {
    plan edited;
    random_sequence random(seed);
    for (int i = 0; i < 12; ++i)
        edited.edits.push_back(
            {neuron_id{static_cast<std::int32_t>(random.below(3)), static_cast<std::int32_t>(random.below(96))},
             factor});
    return edited;
}

/// log softmax of every position of a text, in long double: [tokens][vocabulary].
template <class Model, class Tap>
std::vector<std::vector<long double>> log_softmax(const Model& model, const forced_text& text, Tap& tap) {
    decoder_state state(model.config(), {1, text.tokens.size(), text.tokens.size(), text.tokens.size()});
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < text.tokens.size(); ++t)
        tokens.push_back({text.tokens[t], 0, static_cast<std::int32_t>(t), true});
    serial executor;
    const matrix_view logits = model.decoder().forward(state, tokens, executor, tap);
    std::vector<std::vector<long double>> result;
    for (std::size_t t = 0; t < tokens.size(); ++t) {
        long double sum = 0;
        for (const float logit : logits[t]) sum += std::exp(static_cast<long double>(logit));
        std::vector<long double>& row = result.emplace_back();
        for (const float logit : logits[t]) row.push_back(logit - std::log(sum));
    }
    return result;
}

template <class Left, class Right>
double brute_force(const Left& p, const Right& q, const forced_text& text) {
    long double sum = 0;
    for (std::size_t t = text.answer - 1; t + 1 < text.tokens.size(); ++t)
        for (std::size_t i = 0; i < p[t].size(); ++i) sum += std::exp(p[t][i]) * (p[t][i] - q[t][i]);
    return static_cast<double>(sum / static_cast<long double>(text.tokens.size() - text.answer));
}

}  // namespace

TEST_CASE("the divergence of a plan is that of the definition, at answer tokens only", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const plan edited = random_plan(1, -1.0F);
    const divergence found = token_divergence(model, edited, texts);
    double sum = 0, worst = 0;
    std::size_t tokens = 0, worst_text = 0;
    for (std::size_t n = 0; n < texts.size(); ++n) {
        no_tap none;
        plan_tap tap(edited);
        const double expected =
            brute_force(log_softmax(model, texts[n], none), log_softmax(model, texts[n], tap), texts[n]);
        CHECK(expected > 1e-6);
        CHECK(std::abs(found.by_text[n] - expected) < 1e-12);
        const std::size_t size = texts[n].tokens.size() - texts[n].answer;
        sum += expected * static_cast<double>(size), tokens += size;
        if (expected > worst) worst = expected, worst_text = n;
    }
    CHECK(found.tokens == tokens);
    CHECK(std::abs(found.mean - sum / static_cast<double>(tokens)) < 1e-12);
    CHECK(std::abs(found.worst - worst) < 1e-12);
    CHECK(found.worst_text == texts[worst_text].name);
}

TEST_CASE("the rise of surprise is the difference of two surprises", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const plan edited = random_plan(1, -1.0F);
    const std::vector<const plan*> plans{nullptr, &edited};
    const auto scores = score_predictions(model, plans, texts);
    double expected = 0;
    for (std::size_t n = 0; n < texts.size(); ++n)
        expected += (scores[1].surprise_by_text[n] - scores[0].surprise_by_text[n]) *
                    static_cast<double>(texts[n].tokens.size() - texts[n].answer);
    expected /= static_cast<double>(scores[0].tokens);
    CHECK(std::abs(expected) > 1e-4);
    CHECK(std::abs(token_divergence(model, edited, texts).surprise_rise - expected) < 1e-6);
    CHECK(token_divergence(model, plan{}, texts).surprise_rise == 0);
}

TEST_CASE("the tail of a divergence is that of its tokens", "[kl]") {
    std::vector<double> values;
    for (int i = 100; i > 0; --i) values.push_back(i);
    CHECK(detail::tail_of(values) == divergence_tail{95, 99});
    CHECK(detail::tail_of({3, 1, 2}) == divergence_tail{3, 3});
    CHECK(detail::tail_of({}) == divergence_tail{});
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const divergence found = token_divergence(model, random_plan(1, -1.0F), texts);
    REQUIRE(found.tail_by_text.size() == texts.size());
    CHECK(found.tail.p95 >= found.mean);
    CHECK(found.tail.p99 >= found.tail.p95);
    // A text of one answer token is its own tail.
    forced_text last = texts[1];
    last.answer = last.tokens.size() - 1;
    const divergence single = token_divergence(model, random_plan(1, -1.0F), std::span(&last, 1));
    CHECK(single.tail == divergence_tail{single.mean, single.mean});
}

TEST_CASE("the divergence of a repetition penalty is that of the processed logits", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const repetition_penalty penalty{1.3F};
    const divergence found = processor_divergence(model, penalty, texts, {.threads = 2, .logit_rows = 5});
    for (std::size_t n = 0; n < texts.size(); ++n) {
        decoder_state state(model.config(), {1, 64, 64, 64});
        std::vector<batch_token> tokens;
        for (std::size_t t = 0; t < texts[n].tokens.size(); ++t)
            tokens.push_back({texts[n].tokens[t], 0, static_cast<std::int32_t>(t), true});
        serial executor;
        no_tap none;
        const matrix_view logits = model.decoder().forward(state, tokens, executor, none);
        const auto normalised = [](std::span<const float> row) {
            long double sum = 0;
            for (const float logit : row) sum += std::exp(static_cast<long double>(logit));
            std::vector<long double> result;
            for (const float logit : row) result.push_back(logit - std::log(sum));
            return result;
        };
        std::vector<std::vector<long double>> plain, penalised;
        for (std::size_t t = 0; t < tokens.size(); ++t) {
            std::vector<float> row(logits[t].begin(), logits[t].end());
            plain.push_back(normalised(row));
            penalty(std::span(texts[n].tokens).first(t + 1), row);
            penalised.push_back(normalised(row));
        }
        const double expected = brute_force(plain, penalised, texts[n]);
        CHECK(expected > 1e-6);
        CHECK(std::abs(found.by_text[n] - expected) < 1e-12);
    }
    CHECK(processor_divergence(model, repetition_penalty{1.0F}, texts).mean == 0);
}

TEST_CASE("a processor that bans what the model may say diverges without limit", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const token_id banned = texts[0].tokens.back();
    const auto ban = [&](std::span<const token_id> /*context*/, std::span<float> logits) {
        logits[static_cast<std::size_t>(banned)] = banned_logit;
    };
    const divergence found = processor_divergence(model, ban, texts);
    CHECK(std::isinf(found.mean));
    CHECK(std::isinf(found.surprise_rise));
    // What it leaves becomes more probable, by what was banned.
    const std::vector<float> logits{0.5F, -1.0F, 2.0F}, without{0.5F, banned_logit, 2.0F};
    const detail::token_change change = detail::reference_distribution(logits).change_to(without, 2);
    const double sum = std::exp(0.5) + std::exp(-1.0) + std::exp(2.0);
    CHECK(std::isinf(change.divergence));
    CHECK(std::abs(change.surprise - std::log(1 - std::exp(-1.0) / sum)) < 1e-12);
    // A token that float cannot tell from impossible may be banned.
    const std::vector<float> sure{0.0F, -1000.0F}, surer{0.0F, banned_logit};
    CHECK(detail::reference_distribution(sure).change_to(surer, 0).divergence == 0);
}

TEST_CASE("no edit, no divergence; and none is negative", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    for (const divergence& same : {token_divergence(model, plan{}, texts), token_divergence(model, model, texts),
                                   token_divergence(model, random_plan(2, 1.0F), texts)}) {
        CHECK(same.mean == 0);
        CHECK(same.by_text == std::vector<double>(texts.size(), 0.0));
    }
    for (const float factor : {0.9999F, 0.99F, 0.0F, 3.0F, -30.0F})
        for (const double value : token_divergence(model, random_plan(4, factor), texts).by_text) CHECK(value > 0);
}

TEST_CASE("plans side by side, threads and chunks change no bit", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const plan one = random_plan(5, 0.0F), two = random_plan(6, -1.0F);
    const std::vector<const plan*> plans{&one, nullptr, &two};
    const auto alone = token_divergence(model, two, texts, {.logit_rows = 1});
    for (const forced_options options : {forced_options{1, 64}, forced_options{3, 4}, forced_options{2, 1000}}) {
        const auto together = token_divergences(model, plans, texts, options);
        CHECK(together.at(2).by_text == alone.by_text);
        CHECK(together.at(1).mean == 0);
        CHECK(together.at(0).by_text == token_divergence(model, one, texts).by_text);
    }
}

TEST_CASE("two loaded models are compared by the definition", "[kl]") {
    const auto model = tests::golden_llama(), other = tests::golden_llama("gguf/llama.q8_0.gguf");
    const auto texts = random_texts(model.config().vocabulary);
    const divergence found = token_divergence(model, other, texts);
    for (std::size_t n = 0; n < texts.size(); ++n) {
        no_tap none;
        const double expected =
            brute_force(log_softmax(model, texts[n], none), log_softmax(other, texts[n], none), texts[n]);
        CHECK(expected > 0);
        CHECK(std::abs(found.by_text[n] - expected) < 1e-12);
    }
}

TEST_CASE("a plan for another model is refused, and so is a cancelled run", "[kl]") {
    const auto model = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    CHECK_THROWS_AS(token_divergence(model, plan{{{neuron_id{7, 0}, 0.0F}}, ""}, texts), error);
    const plan* const none = nullptr;
    const auto stop = [](const progress_event& event) { return event.done < 2; };
    CHECK_THROWS_AS(token_divergences(model, std::span(&none, 1), texts, {}, stop), error);
    CHECK(token_divergence(model, plan{}, std::vector<forced_text>{}).tokens == 0);
}

TEST_CASE("a plan as a tap and the same plan in the weights diverge alike, bit for bit", "[kl]") {
    const auto model = tests::golden_llama();
    auto changed = tests::golden_llama();
    const auto texts = random_texts(model.config().vocabulary);
    const plan edited = random_plan(9, -1.0F);
    const scoped_edit in_weights(changed, edited);
    const divergence by_weights = token_divergence(model, changed, texts);
    CHECK(by_weights.mean > 0);
    CHECK(by_weights.by_text == token_divergence(model, edited, texts).by_text);
}
