// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Samplers against the distributions of transformers, and the draws against the distribution.
#include <unloop/generate/sampling.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/generate/sampler_chain.hpp>
#include <unloop/kernels/kernel.hpp>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>

#include "support/any_model.hpp"
#include "support/fault_of.hpp"
#include "support/golden.hpp"

namespace {

using namespace unloop;

static_assert(token_sampler<sampling, reference>);
static_assert(token_sampler<sampler_chain<temperature, top_p>, reference>);

sampling sampling_of(const boost::json::object& parameters) {
    sampling made;
    for (const auto& [key, value] : parameters) {
        const auto number = value.to_number<double>();
        const auto factor = static_cast<float>(number);
        const auto count = static_cast<std::size_t>(number);
        if (key == "repetition_penalty") made.repetition_penalty = factor;
        if (key == "no_repeat_ngram_size") made.no_repeat_ngram = count;
        if (key == "temperature") made.temperature = factor;
        if (key == "top_k") made.top_k = count;
        if (key == "top_p") made.top_p = factor;
        if (key == "min_p") made.min_p = factor;
    }
    return made;
}

std::vector<token_id> draws_of(const sampling& sampler, std::span<const float> logits, std::uint64_t count) {
    std::vector<token_id> drawn;
    for (std::uint64_t step = 0; step < count; ++step)
        drawn.push_back(sampler.choose(reference{}, logits, {}, draw_id{3, step}));
    return drawn;
}

const std::vector<float> five_logits{0.5F, -1.0F, 2.0F, 2.0F, -3.0F};
constexpr draw_id any_draw{1, 2};

}  // namespace

TEST_CASE("the processors give the distributions of transformers", "[parity]") {
    const golden::tensors goldens("samplers/samplers.safetensors");
    std::ifstream in(golden::path("samplers/cases.json"));
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const boost::json::value document = boost::json::parse(text);
    const auto order = boost::json::value_to<std::vector<std::string>>(document.at("order"));
    REQUIRE(order == std::vector<std::string>{"repetition_penalty", "no_repeat_ngram_size", "temperature", "top_k",
                                              "top_p", "min_p"});
    std::size_t cases = 0;
    for (const boost::json::value& golden_case : document.at("cases").as_array()) {
        INFO(boost::json::serialize(golden_case));
        const auto size = golden_case.at("V").to_number<std::size_t>();
        const auto all = goldens.floats("logits." + std::to_string(size));
        const auto logits = std::span(all).subspan(golden_case.at("row").to_number<std::size_t>() * size, size);
        const auto context = goldens.integers(golden_case.at("context").as_string().c_str());
        auto expected = goldens.floats("probs." + std::string(golden_case.at("id").as_string()));
        const sampling sampler = sampling_of(golden_case.at("params").as_object());
        auto probabilities = sampler.probabilities(logits, context);
        // Which of equally probable tokens top_p keeps is left to an unstable sort there: their number is compared.
        const bool has_ties = size == 64 && golden_case.at("row").to_number<int>() == 3;
        if (sampler.top_p && has_ties) {
            std::sort(expected.begin(), expected.end());
            std::sort(probabilities.begin(), probabilities.end());
        }

        CHECK(golden::difference(probabilities, expected) < 1e-6);
        std::size_t kept = 0;
        for (const double probability : probabilities) kept += static_cast<float>(probability) > 0 ? 1U : 0U;
        CHECK(kept == golden_case.at("kept").to_number<std::size_t>());
        ++cases;
    }
    CHECK(cases == 210);
}

TEST_CASE("top-k and top-p keep what a full sort would keep, ties and banned tokens included") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        random_sequence random(seed);
        std::vector<float> logits(1 + random.below(300));
        const double coarse = seed % 2 == 0 ? 4 : 1e6;  // every other time many are equal
        for (float& logit : logits)
            logit = random.below(9) == 0
                        ? banned_logit
                        : static_cast<float>(std::round((random.uniform() - 0.5) * coarse) / coarse * 12);
        std::vector<std::size_t> order(logits.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return logits[a] > logits[b]; });
        const std::size_t count = 1 + random.below(logits.size());
        std::vector<float> by_count = logits, by_share = logits;
        top_k{count}({}, by_count);
        const float share = static_cast<float>(random.uniform());
        top_p{share}({}, by_share);
        const auto probabilities = probabilities_of(logits);
        double before = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            const std::size_t token = order[i];
            if (logits[token] == banned_logit) continue;
            CHECK((by_count[token] == logits[token]) == (logits[token] >= logits[order[count - 1]]));
            if (std::abs(before - static_cast<double>(share)) > 1e-9)
                CHECK((by_share[token] == logits[token]) == (i == 0 || before < static_cast<double>(share)));
            before += probabilities[token];
        }
    }
}

TEST_CASE("a chain of processors equals the same processors chosen at run time") {
    const golden::tensors goldens("samplers/samplers.safetensors");
    const auto logits = goldens.floats("logits.512");
    const auto context = goldens.integers("context.512");
    const auto row = std::span(logits).first(512);
    const sampler_chain chain(9, repetition_penalty{1.15F}, no_repeat_ngram{3}, temperature{0.7F}, top_k{16},
                              top_p{0.9F}, min_p{0.01F});
    const sampling same{1.15F, 3, 0.7F, 16, 0.9F, 0.01F, 9};
    CHECK(chain.probabilities(row, context) == same.probabilities(row, context));
    for (std::uint64_t step = 0; step < 200; ++step)
        REQUIRE(chain.choose(reference{}, row, context, {5, step}) ==
                same.choose(reference{}, row, context, {5, step}));
}

TEST_CASE("a draw inverts the cumulative distribution in ascending order of ids") {
    const sampling sampler{.temperature = 1.0F, .seed = 77};
    const auto probabilities = sampler.probabilities(five_logits, {});
    const auto drawn = draws_of(sampler, five_logits, 1000);
    for (std::uint64_t step = 0; step < drawn.size(); ++step) {
        const double uniform = random_uniform(77, 3, step);
        token_id wanted = 0;
        for (double below = probabilities[0]; below <= uniform;
             below += probabilities[static_cast<std::size_t>(wanted)])
            ++wanted;
        REQUIRE(drawn[step] == wanted);
    }
}

TEST_CASE("tokens come as often as their probabilities say") {
    constexpr std::uint64_t count = 100'000;
    const sampling sampler{.temperature = 1.5F, .seed = 4};
    const auto probabilities = sampler.probabilities(five_logits, {});
    std::vector<double> seen(five_logits.size());
    for (const token_id token : draws_of(sampler, five_logits, count)) ++seen[static_cast<std::size_t>(token)];
    double chi_squared = 0;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const double wanted = count * probabilities[i];
        chi_squared += (seen[i] - wanted) * (seen[i] - wanted) / wanted;
    }
    CHECK(chi_squared < 23.5);  // 4 degrees of freedom: exceeded by chance once in 10,000
}

TEST_CASE("a draw depends on seed, row and step alone") {
    const sampling sampler{.temperature = 1.0F, .seed = 5};
    const auto drawn = draws_of(sampler, five_logits, 64);
    CHECK(drawn == draws_of(sampler, five_logits, 64));
    CHECK(drawn != draws_of({.temperature = 1.0F, .seed = 6}, five_logits, 64));
    std::vector<token_id> of_another_row;
    for (std::uint64_t step = 0; step < 64; ++step)
        of_another_row.push_back(sampler.choose(reference{}, five_logits, {}, {4, step}));
    CHECK(drawn != of_another_row);
}

TEST_CASE("sampling is greedy when asked to be or when nothing says otherwise") {
    const std::vector<token_id> context{2, 2};
    const auto chosen = [&](const sampling& sampler) {
        return sampler.choose(reference{}, five_logits, context, any_draw);
    };
    CHECK(takes_largest(sampling{}));
    CHECK(takes_largest(sampling{.temperature = 0.0F, .top_k = 3}));
    CHECK_FALSE(takes_largest(sampling{.temperature = 0.5F}));
    CHECK_FALSE(takes_largest(sampling{.repetition_penalty = 1.1F}));
    CHECK_FALSE(takes_largest(sampling{.no_repeat_ngram = 2}));
    CHECK(sampling{}.is_greedy());
    CHECK(sampling{.temperature = 0.0F, .top_k = 3}.is_greedy());
    CHECK_FALSE(sampling{.top_k = 3}.is_greedy());
    CHECK_FALSE(sampling{.temperature = 0.5F}.is_greedy());
    CHECK(chosen({}) == 2);  // of two equal ones the lower
    CHECK(chosen({.temperature = 0.0F, .top_k = 3}) == 2);
    CHECK(chosen({.repetition_penalty = 1.1F}) == 3);
    CHECK(chosen({.no_repeat_ngram = 2}) == 3);
    CHECK(chosen({.no_repeat_ngram = 4}) == 2);
    CHECK(chosen({.temperature = 1.0F, .top_k = 1, .top_p = 0.0F}) == 2);
}

TEST_CASE("where processors ban every token the most probable one is taken") {
    const std::vector<token_id> context{0, 1, 2, 3, 4};
    CHECK(sampling{.no_repeat_ngram = 1, .temperature = 1.0F}.choose(reference{}, five_logits, context, any_draw) == 2);
    CHECK(sampler_chain(1, no_repeat_ngram{1}).choose(reference{}, five_logits, context, any_draw) == 2);
}

TEST_CASE("an own processor is a callable") {
    const auto only_even = [](std::span<const token_id>, std::span<float> logits) {
        for (std::size_t i = 1; i < logits.size(); i += 2) logits[i] = banned_logit;
    };
    const auto probabilities = sampler_chain(1, only_even).probabilities(five_logits, {});
    CHECK(probabilities[1] + probabilities[3] == 0);
    CHECK(probabilities[2] > 0.8);
}

TEST_CASE("parameters out of range are refused by name") {
    const auto message = [](const sampling& given) { return test::fault_of([&] { check_sampling(given); }); };
    CHECK(message({}) == "none");
    CHECK(message({1.1F, 3, 0.0F, 64, 1.0F, 0.0F, 1}) == "none");
    CHECK(message({.repetition_penalty = 0.0F}) == "the repetition penalty must be above 0");
    CHECK(message({.no_repeat_ngram = 0}) == "the size of n-grams must be at least 1");
    CHECK(message({.temperature = -1.0F}) == "the temperature must be 0 or above");
    CHECK(message({.temperature = NAN}) == "the temperature must be 0 or above");
    CHECK(message({.top_k = 0}) == "top_k must be at least 1");
    CHECK(message({.top_p = 1.5F}) == "top_p must be from 0 to 1");
    CHECK(message({.min_p = -0.1F}) == "min_p must be from 0 to 1");
}

TEST_CASE("samples of a prompt do not depend on its batch mates", "[invariance]") {
    const auto model = test::golden_model();
    const std::vector<std::vector<token_id>> prompts{{2, 40, 41}, {2, 7}, {2, 99, 98, 97, 96}, {2, 40, 41}, {2}};
    const sampling sampler{.temperature = 1.0F, .top_k = 64, .seed = 11};
    const auto run = [&](std::size_t batch, std::size_t threads) {
        no_tap none;
        std::vector<std::vector<token_id>> tokens;
        const generation_options options{.max_tokens = 24, .batch = batch, .threads = threads, .chunk = 3};
        for (const record& row : generate_all(model, prompts, options, sampler, never_stop{}, none))
            tokens.push_back(row.tokens);
        return tokens;
    };
    const auto alone = run(1, 1);
    CHECK(alone[0] != alone[3]);  // equal prompts are rows of their own
    CHECK(run(2, 1) == alone);
    CHECK(run(5, 2) == alone);
}

TEST_CASE("a logit that is no number is never drawn, wherever it stands") {
    std::vector<float> logits(1000);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = -0.01F * static_cast<float>(i);
    for (const std::size_t place : {0U, 500U, 999U}) {
        std::vector<float> damaged = logits;
        damaged[place] = NAN;
        for (const token_id token : draws_of({.top_k = 40, .seed = 1}, damaged, 50))
            CHECK((token >= 0 && token <= 40 && static_cast<std::size_t>(token) != place));
        std::size_t high = 0;
        for (const token_id token : draws_of({.temperature = 1.0F, .seed = 1}, damaged, 50)) {
            CHECK(static_cast<std::size_t>(token) != place);
            high += token > 900 ? 1U : 0U;
        }
        CHECK(high < 5);
    }
}
