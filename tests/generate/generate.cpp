// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Generation: tokens of transformers, whatever the batch, the chunk and the threads; rows that end; stop rules.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/generate.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/any_model.hpp"
#include "support/golden.hpp"

namespace {

using namespace unloop;

/// The goldens' prompts: the first `length` tokens of each row.
std::vector<std::vector<token_id>> golden_prompts(const golden::tensors& expected, std::size_t length) {
    const auto tokens = expected.integers("tokens");
    const std::size_t rows = expected.shape("tokens")[0], columns = expected.shape("tokens")[1];
    std::vector<std::vector<token_id>> prompts;
    for (std::size_t b = 0; b < rows; ++b)
        prompts.emplace_back(tokens.begin() + static_cast<std::ptrdiff_t>(b * columns),
                             tokens.begin() + static_cast<std::ptrdiff_t>(b * columns + length));
    return prompts;
}

/// A model whose tokens are called otherwise: token n is "n;", but for those that `names` give a text.
template <class Model>
struct renamed {
    using decoder_type = typename Model::decoder_type;

    const Model& model;
    any_tokenizer words;

    renamed(const Model& whose, const std::vector<std::pair<token_id, std::string>>& names, std::vector<token_id> ends)
        : renamed(whose, names, std::move(ends), whose.config().vocabulary) {}
    /// Of the first `size` tokens alone.
    renamed(const Model& whose, const std::vector<std::pair<token_id, std::string>>& names, std::vector<token_id> ends,
            std::size_t size)
        : model(whose), words(data(size, names, std::move(ends))) {}

    [[nodiscard]] const decoder_config& config() const { return model.config(); }
    [[nodiscard]] const decoder_type& decoder() const { return model.decoder(); }
    [[nodiscard]] bool has_tokenizer() const { return true; }
    [[nodiscard]] const any_tokenizer& tokenizer() const { return words; }
    /// A template that writes bos itself, unless it renders nothing.
    [[nodiscard]] std::string render_chat(const std::vector<chat_message>& messages,
                                          const chat_options& options) const {
        return messages.empty() ? "0;" : gemma_turns{}.render(messages, options);
    }

  private:
    static tokenizer_data data(std::size_t size, const std::vector<std::pair<token_id, std::string>>& names,
                               std::vector<token_id> ends) {
        tokenizer_data data;
        data.model = "gemma4";
        for (std::size_t id = 0; id < size; ++id) data.tokens.push_back(std::to_string(id) + ";");
        data.kinds.assign(size, token_kind::user_defined);
        for (const auto& [id, text] : names) {
            data.tokens[static_cast<std::size_t>(id)] = text;
            data.kinds[static_cast<std::size_t>(id)] =
                text.front() == '<' ? token_kind::control : token_kind::user_defined;
            if (text == "<bos>") data.bos = id;
        }
        data.add_bos = data.bos.has_value();
        data.ends = std::move(ends);
        return data;
    }
};

/// Collects what a rule is shown.
struct listener {
    std::string* heard;
    std::optional<finding> observe(token_id, std::string_view piece) {
        heard->append(piece);
        return std::nullopt;
    }
};

/// Stops after `left` tokens; shows that each row has a rule of its own.
struct countdown {
    int left;
    std::optional<finding> observe(token_id, std::string_view) {
        return --left == 0 ? std::optional(finding{}) : std::nullopt;
    }
};

/// Chooses nothing.
struct refusing_sampler {
    template <class Backend>
    token_id choose(const Backend& /*backend*/, std::span<const float> /*logits*/, std::span<const token_id> /*past*/,
                    draw_id /*draw*/) const {
        throw std::logic_error("refused");
    }
};

std::vector<std::vector<token_id>> tokens_of(const std::vector<record>& records) {
    std::vector<std::vector<token_id>> tokens;
    for (const record& row : records) tokens.push_back(row.tokens);
    return tokens;
}

}  // namespace

TEST_CASE("greedy records equal transformers for every batch, chunk and number of threads") {
    const auto model = test::golden_model();
    const golden::tensors expected("models/llama/expected.safetensors");
    auto prompts = golden_prompts(expected, 12);
    const auto greedy_tokens = expected.integers("greedy");
    std::vector<std::vector<token_id>> answers;
    for (std::size_t b = 0; b < prompts.size(); ++b)
        answers.emplace_back(greedy_tokens.begin() + static_cast<std::ptrdiff_t>(b * 64),
                             greedy_tokens.begin() + static_cast<std::ptrdiff_t>(b * 64 + 64));
    for (int copy = 0; copy < 2; ++copy)  // more prompts than rows: places are used again
        for (std::size_t b = 0; b < 3; ++b) prompts.push_back(prompts[b]), answers.push_back(answers[b]);
    no_tap none;
    for (std::size_t batch : {1U, 2U, 5U, 64U})
        for (std::size_t chunk : {1U, 7U, 128U})
            for (std::size_t threads : {1U, 3U}) {
                const generation_options options{
                    .max_tokens = 64, .batch = batch, .threads = threads, .chunk = chunk, .stop_at_end_token = false};
                const auto records = generate_all(model, prompts, options, greedy{}, never_stop{}, none);
                INFO("batch " << batch << ", chunk " << chunk << ", threads " << threads);
                REQUIRE(tokens_of(records) == answers);
                REQUIRE(records[0].reason == stop_reason::length);
            }
}

TEST_CASE("log-probabilities are those of the expected logits") {
    const auto model = test::golden_model();
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto logits = expected.floats("logits");
    const auto prompts = golden_prompts(expected, 36);
    no_tap none;
    const auto records =
        generate_all(model, prompts, {.max_tokens = 1, .log_probabilities = true}, greedy{}, never_stop{}, none);
    for (std::size_t b = 0; b < 3; ++b) {
        const std::span<const float> last(logits.data() + (b * 36 + 35) * 272, 272);
        double sum = 0;
        for (float value : last) sum += std::exp(static_cast<double>(value));
        const auto chosen = static_cast<std::size_t>(records[b].tokens[0]);
        REQUIRE(std::abs(records[b].log_probabilities[0] - (static_cast<double>(last[chosen]) - std::log(sum))) < 1e-4);
    }
}

TEST_CASE("a row ends by its rule, and the others go on") {
    const auto model = test::golden_model();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    no_tap none;
    const auto records =
        generate_all(model, prompts, {.max_tokens = 9, .stop_at_end_token = false}, greedy{}, countdown{5}, none);
    for (const record& row : records) {
        REQUIRE(row.tokens.size() == 5);
        REQUIRE(row.reason == stop_reason::loop);
        REQUIRE(row.loop == finding{});
    }
}

TEST_CASE("any token that ends an answer ends a row") {
    const auto model = test::golden_model();
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto prompts = golden_prompts(expected, 12);
    const auto greedy_tokens = expected.integers("greedy");
    const renamed several(model, {}, {greedy_tokens[16], greedy_tokens[8]});
    no_tap none;
    const auto row = generate_all(several, prompts, {.max_tokens = 20}, greedy{}, never_stop{}, none).front();
    CHECK(row.tokens.size() == 9);  // neither is among the first eight
    CHECK(row.ended_naturally());
    const generation_options on{.max_tokens = 20, .stop_at_end_token = false};
    CHECK(generate_all(several, prompts, on, greedy{}, never_stop{}, none).front().tokens.size() == 20);
}

TEST_CASE("a thought is kept apart from the answer, and rules see the answer") {
    const auto model = test::golden_model();
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto prompts = golden_prompts(expected, 12);
    const auto ids = expected.integers("greedy");
    const auto text_of = [&](std::size_t first, std::size_t last) {
        std::string text;
        for (std::size_t i = first; i < last; ++i) text += std::to_string(ids[i]) + ";";
        return text;
    };
    // As if the model had written: seven tokens, <|channel>, a name, three line ends, four tokens, <channel|>, the
    // rest.
    const renamed thinking(model, {{ids[7], "<|channel>"}, {ids[9], "\n"}, {ids[16], "<channel|>"}}, {});
    no_tap none;
    std::string heard;
    const auto row =
        generate_all(thinking, std::span(prompts).first(1), {.max_tokens = 20}, greedy{}, listener{&heard}, none)
            .front();
    CHECK(row.tokens == std::vector<token_id>(ids.begin(), ids.begin() + 20));
    CHECK(row.thought == "\n\n" + text_of(12, 16));
    CHECK(row.text == text_of(0, 7) + text_of(17, 20));
    CHECK(heard == row.text);
}

TEST_CASE("a prompt has one bos, whoever writes it") {
    const auto model = test::golden_model();
    const renamed words(model, {{5, "<bos>"}, {6, "<|turn>"}, {7, "<turn|>"}, {8, "user"}, {9, "\n"}, {10, "model"}},
                        {});
    CHECK(encode_prompt(words, text_prompt{"0;"}) == std::vector<token_id>{5, 0});
    CHECK(encode_prompt(words, chat{std::vector<chat_message>{}}) == std::vector<token_id>{5, 0});
    const auto ids = encode_prompt(words, chat{"1;"});
    CHECK(ids.front() == 5);
    CHECK(std::count(ids.begin(), ids.end(), 5) == 1);
}

TEST_CASE("a sink that says stop ends the run with what there is") {
    const auto model = test::golden_model();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    no_tap none;
    int calls = 0;
    const auto records =
        generate_all(model, std::span(prompts).first(1), {.max_tokens = 50, .stop_at_end_token = false}, greedy{},
                     never_stop{}, none, [&](const progress_event&) { return ++calls < 4; });
    REQUIRE(records[0].tokens.size() == 3);
    REQUIRE(records[0].reason == stop_reason::cancelled);
    calls = 3;
    for (const record& row : generate_all(model, prompts, {.max_tokens = 50, .batch = 1}, greedy{}, never_stop{}, none,
                                          [&](const progress_event&) { return ++calls < 5; }))
        CHECK(row.reason == stop_reason::cancelled);  // those that never began too
}

TEST_CASE("rows of the head that are no tokens have no text") {
    const auto model = test::golden_model();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    const renamed words(model, {}, {}, 100);
    no_tap none;
    const auto records = generate_all(words, prompts, {.max_tokens = 64}, greedy{}, never_stop{}, none);
    std::size_t unknown = 0;
    for (const record& row : records) {
        std::string text;
        for (const token_id token : row.tokens) {
            if (token < 100) text += std::to_string(token) + ";";
            unknown += token < 100 ? 0U : 1U;
        }
        CHECK(row.text == text);
    }
    CHECK(unknown > 0);
}

TEST_CASE("a sampler that throws ends the run with its exception, whatever thread it ran on") {
    const auto model = test::golden_model();
    const auto prompts = golden_prompts(golden::tensors("models/llama/expected.safetensors"), 12);
    no_tap none;
    for (const std::size_t threads : {1U, 4U})
        CHECK_THROWS_AS(
            generate_all(model, prompts, {.max_tokens = 8, .threads = threads}, refusing_sampler{}, never_stop{}, none),
            std::logic_error);
}

TEST_CASE("bad prompts are refused with a reason") {
    const auto model = test::golden_model();
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{}}), error);
    const std::vector<std::vector<token_id>> prompts{{5}, {}};
    no_tap none;
    REQUIRE_THROWS_AS(generate_all(model, prompts, {}, greedy{}, never_stop{}, none), error);
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{272}}), error);
    REQUIRE_THROWS_AS(generate(model, ids_prompt{{-1}}), error);
    REQUIRE_THROWS_AS(generate(model, chat{"hello"}), error);  // the golden file has no chat template
}

TEST_CASE("the real model loops on a list, and the detectors stop it there", "[real]") {
    const auto path = golden::real_model();
    if (!path) SKIP("the real model is not here: ./do test fetches it, or set UNLOOP_MODEL");
    const auto model = test::load_model(*path);
    const chat question{"Give me a complete numbered list of dog breeds."};
    const generation_options options{.max_tokens = 128, .threads = 2};
    const record list = generate(model, question, options, stop_at(list_collapse{}));
    CHECK(list.reason == stop_reason::loop);
    CHECK(list.tokens.size() < 128);
    const record healthy = generate(model, chat{"What is the capital of France?"}, options, stop_at(periodic_loop{}));
    CHECK(healthy.reason == stop_reason::end_token);
    CHECK(healthy.text == "The capital of France is Paris.");
}
