// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What fast arithmetic changes in a GGUF model of the Llama family (UNLOOP_MODEL): logits, divergence and the most
// probable token on the texts that come with the tool, and tokens a second of one row.
#include <unloop/backend/dispatched.hpp>
#include <unloop/evaluate/forced_text.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/reference_text_json.hpp>
#include <unloop/io/load.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace unloop;

constexpr std::size_t enough_tokens = 500;

struct changes {
    double largest = 0, sum = 0, divergence = 0;
    std::size_t logits = 0, tokens = 0, same_best = 0;

    void add(std::span<const float> exact, std::span<const float> fast) {
        for (std::size_t i = 0; i < exact.size(); ++i) {
            const double apart = std::abs(static_cast<double>(exact[i]) - static_cast<double>(fast[i]));
            largest = std::max(largest, apart), sum += apart;
        }
        logits += exact.size(), ++tokens;
        divergence += detail::reference_distribution(exact).change_to(fast, 0).divergence;
        same_best += std::ranges::max_element(exact) - exact.begin() == std::ranges::max_element(fast) - fast.begin();
    }
};

template <class Model>
std::vector<float> logits_of(const Model& model, std::span<const token_id> ids, thread_pool& executor) {
    decoder_state state(model.config(), {1, ids.size(), ids.size(), ids.size()});
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < ids.size(); ++t) tokens.push_back({ids[t], 0, static_cast<std::int32_t>(t), true});
    no_tap none;
    const matrix_view logits = model.decoder().forward(state, tokens, executor, none);
    std::vector<float> all;
    for (std::size_t t = 0; t < ids.size(); ++t) all.insert(all.end(), logits[t].begin(), logits[t].end());
    return all;
}

/// The quickest of three runs of 128 greedy steps after a prompt of 64 tokens.
template <class Model>
double tokens_a_second(const Model& model, thread_pool& executor) {
    constexpr std::int32_t prompt = 64, steps = 128;
    double best = 0;
    no_tap none;
    for (int run = 0; run < 3; ++run) {
        decoder_state state(model.config(), {1, prompt + steps, prompt, 1});
        std::vector<batch_token> tokens;
        for (std::int32_t t = 0; t < prompt; ++t) tokens.push_back({1000 + t, 0, t, t + 1 == prompt});
        matrix_view logits = model.decoder().forward(state, tokens, executor, none);
        const auto start = std::chrono::steady_clock::now();
        for (std::int32_t t = prompt; t < prompt + steps; ++t) {
            const auto chosen = static_cast<token_id>(kernels::argmax(model.decoder().backend(), logits[0]));
            const batch_token next{chosen, 0, t, true};
            logits = model.decoder().forward(state, {&next, 1}, executor, none);
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        best = std::max(best, steps / seconds.count());
    }
    return best;
}

}  // namespace

int main() {
    const char* const path = std::getenv("UNLOOP_MODEL");
    if (path == nullptr) return std::puts("arithmetics: skipped, UNLOOP_MODEL names no model"), 0;
    const auto exact = load<llama>(gguf::open(path), dispatched());
    const auto fast = load<llama>(gguf::open(path), dispatched(arithmetic::fast));
    changes seen;
    {
        thread_pool executor(std::max(1U, std::thread::hardware_concurrency()));
        const auto texts = read_text_suite(std::string(UNLOOP_PROBES_FOLDER) + "/texts.json");
        for (const forced_text& text : force(exact, texts_of(texts, data_role::report))) {
            if (seen.tokens >= enough_tokens) break;
            const auto expected = logits_of(exact, text.tokens, executor),
                       other = logits_of(fast, text.tokens, executor);
            const std::size_t width = expected.size() / text.tokens.size();
            for (std::size_t t = 0; t < expected.size(); t += width)
                seen.add(std::span(expected).subspan(t, width), std::span(other).subspan(t, width));
        }
    }
    const auto tokens = static_cast<double>(seen.tokens);
    std::printf(
        "%s, %zu tokens: logits differ by %.3f at most, %.4f in the mean; KL %.5f nats a token; "
        "%.1f %% have the same most probable token\n",
        dispatched::target(), seen.tokens, seen.largest, seen.sum / static_cast<double>(seen.logits),
        seen.divergence / tokens, 100 * static_cast<double>(seen.same_best) / tokens);
    std::fflush(stdout);
    for (const std::size_t threads : {1U, 2U}) {
        thread_pool executor(threads);
        const double before = tokens_a_second(exact, executor), after = tokens_a_second(fast, executor);
        std::printf("%zu threads, one row: exact %.1f, fast %.1f tokens/s\n", threads, before, after);
    }
}
