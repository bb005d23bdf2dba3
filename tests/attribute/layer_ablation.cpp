// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Layer ablation against transformers: every skipped branch of every golden model; and replaced outputs against whole
// passes that are replaced by hand.
#include <catch2/catch_test_macros.hpp>
#include <unloop/attribute/layer_ablation.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"
#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

/// Changes by every `skip_BRANCH.LAYER` that the goldens hold; how many there were.
std::size_t check_skips(const std::string& name) {
    const auto model = test::golden_model("models/" + name);
    const golden::tensors expected("models/" + name + "/expected.safetensors");
    const auto ids = expected.integers("tokens");
    const std::size_t vocabulary = model.config().vocabulary;
    thread_pool pool(2);
    std::size_t checked = 0;
    for (std::size_t b = 0; b < 3; ++b) {
        recorded_run run;
        run.tokens.assign(ids.begin() + static_cast<std::ptrdiff_t>(b * golden::length),
                          ids.begin() + static_cast<std::ptrdiff_t>((b + 1) * golden::length));
        run.onset = golden::length / 2;
        run.decisions = {{golden::length, 7, {3, 50, 100, 251}}};
        record_activations(model.decoder(), pool, run);
        auto changes = layer_ablation(model, run, ablation_kind::zero, loop_margin{}, pool);
        REQUIRE(changes.size() == model.config().layers.size());
        for (std::size_t l = 0; l < changes.size(); ++l)
            for (std::size_t branch = 0; branch < layer_branches; ++branch) {
                const char* const names[] = {"skip_attn.", "skip_mlp.", "skip_dense.", "skip_experts."};
                const std::string tensor = names[branch] + std::to_string(l);
                if (!expected.has(tensor)) continue;
                const auto logits = expected.floats(tensor);
                const double wanted =
                    loop_margin{}.value(std::span(logits).subspan(b * vocabulary, vocabulary), run.decisions[0]) -
                    objective_of(run, loop_margin{});
                INFO(name << ", row " << b << ", " << tensor);
                CHECK(std::abs(changes[l].of(static_cast<layer_branch>(branch)) - wanted) < 2e-4);
                ++checked;
            }
    }
    return checked;
}

recorded_run run_of(const golden::small_gemma4<reference>& model, std::size_t first, std::size_t count,
                    thread_pool& pool) {
    recorded_run run;
    for (const batch_token& token : golden::some_tokens(first, count)) run.tokens.push_back(token.token);
    run.decisions = {{count / 2, 7, {3, 49}}, {count, 1, {2, 30}}};
    record_activations(model.decoder(), pool, run);
    return run;
}

/// Keeps, or puts back, what one branch of one layer puts out; another position's where the source is shorter.
template <class Site>
struct one_branch {
    std::int32_t layer;
    bool keeps;
    std::vector<std::vector<float>> rows = {};
    void operator()(Site, const tap_place& place, matrix_view values) {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t)
            if (keeps)
                rows.emplace_back(values[t].begin(), values[t].end());
            else
                std::copy(rows[t % rows.size()].begin(), rows[t % rows.size()].end(), values[t].begin());
    }
};

template <class Tap>
double objective_under(const golden::small_gemma4<reference>& model, const recorded_run& run, Tap& tap,
                       thread_pool& pool) {
    std::vector<batch_token> pass;
    append_row(pass, run, 0);
    decoder_state state(model.config(), {1, run.length(), run.length(), 2});
    const matrix_view logits = model.decoder().forward(state, pass, pool, tap);
    return (loop_margin{}.value(logits[0], run.decisions[0]) + loop_margin{}.value(logits[1], run.decisions[1])) / 2;
}

template <class Site>
void check_replaced(const golden::small_gemma4<reference>& model, layer_branch branch, std::size_t first_layer) {
    thread_pool pool(2);
    const recorded_run run = run_of(model, 0, 24, pool), source = run_of(model, 40, 10, pool);
    auto resampled = layer_ablation(model, run, source, ablation_kind::resample, loop_margin{}, pool);
    auto mean = layer_ablation(model, run, source, ablation_kind::mean, loop_margin{}, pool);
    for (std::size_t l = 0; l < 4; ++l) {
        INFO(name_of(branch) << " of layer " << l);
        if (l < first_layer) {
            CHECK(resampled[l].of(branch) == 0);
            continue;
        }
        const double unchanged = objective_of(run, loop_margin{});
        one_branch<Site> tap{static_cast<std::int32_t>(l), true};
        objective_under(model, source, tap, pool);
        tap.keeps = false;
        CHECK(resampled[l].of(branch) == objective_under(model, run, tap, pool) - unchanged);
        CHECK(resampled[l].of(branch) != 0);
        std::vector<float> average(24);
        for (std::size_t i = 0; i < 24; ++i) {
            double sum = 0;
            for (const auto& row : tap.rows) sum += static_cast<double>(row[i]);
            average[i] = static_cast<float>(sum / 10);
        }
        tap.rows = {average};
        CHECK(mean[l].of(branch) == objective_under(model, run, tap, pool) - unchanged);
    }
}

}  // namespace

TEST_CASE("a branch that is left out changes the objective as transformers does", "[parity]") {
    CHECK(check_skips("llama") == 3 * 3 * 2);
    CHECK(check_skips("mixtral") == 3 * 3 * 2);
    CHECK(check_skips("dense") > 0);
    CHECK(check_skips("unified") > 0);
    CHECK(check_skips("e_like") > 0);
    CHECK(check_skips("moe") == 3 * 4 * 4);
}

TEST_CASE("a branch takes what it put out in another run, or its mean there") {
    const golden::small_gemma4<reference> model(5);
    check_replaced<sites::attention_output>(model, layer_branch::attention, 0);
    check_replaced<sites::mlp_output>(model, layer_branch::feed_forward, 0);
    check_replaced<sites::dense_output>(model, layer_branch::dense, 2);
    check_replaced<sites::experts_output>(model, layer_branch::experts, 2);
}
