// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A golden model with its expected values, and the ways in which parity tests run it.
#ifndef UNLOOP_TESTS_MODEL_GOLDEN_RUN_HPP
#define UNLOOP_TESTS_MODEL_GOLDEN_RUN_HPP

#include <catch2/catch_test_macros.hpp>
#include <unloop/blocks.hpp>
#include <unloop/kernels/argmax.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel.hpp>

#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "support/golden.hpp"

namespace golden {

using namespace unloop;

inline std::vector<batch_token> tokens_of_row(std::span<const std::int32_t> ids, std::int32_t row,
                                              std::int32_t first = 0) {
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < ids.size(); ++t)
        tokens.push_back({ids[t], row, first + static_cast<std::int32_t>(t), true});
    return tokens;
}

/// Keeps the values of every site, by the name that the goldens use, and the chosen experts.
struct recorder {
    std::map<std::string, std::vector<float>> values;
    std::map<std::string, std::vector<std::int32_t>> chosen;
    template <class Site>
    void operator()(Site, const tap_place& place, matrix_view rows) {
        std::string name(Site::name);
        if (Site::every_layer) name += "." + std::to_string(place.layer);
        std::vector<float>& to = values[name];
        for (std::size_t t = 0; t < rows.rows(); ++t) to.insert(to.end(), rows[t].begin(), rows[t].end());
        if (std::is_same_v<Site, sites::expert_weights>)
            chosen["router_top_k_index." + std::to_string(place.layer)].assign(place.experts.begin(),
                                                                               place.experts.end());
    }
};

/// Multiplies one neuron by a factor in every token.
struct ablation {
    std::int32_t layer;
    std::size_t neuron;
    float factor;
    void operator()(sites::mlp_neurons, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) values[t][neuron] *= factor;
    }
};

/// Multiplies the output of one expert, or one of its neurons, by a factor wherever it was chosen.
struct expert_ablation {
    std::int32_t layer, expert;
    int neuron;  ///< -1: the whole expert
    float factor;
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) const {
        if (place.layer != layer || neuron >= 0) return;
        for (std::size_t pair = 0; pair < place.experts.size(); ++pair)
            if (place.experts[pair] == expert) values[pair / values.columns()][pair % values.columns()] *= factor;
    }
    void operator()(sites::expert_neurons, const tap_place& place, matrix_view values) const {
        if (place.layer != layer || neuron < 0) return;
        for (std::size_t pair = 0; pair < values.rows(); ++pair)
            if (place.experts[pair] == expert) values[pair][static_cast<std::size_t>(neuron)] *= factor;
    }
};

/// Makes one branch of one layer return 0.
template <class Site>
struct skip {
    std::int32_t layer;
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 0.0F);
    }
};

/// B sequences of T tokens.
template <class Model>
struct golden_run {
    golden_run(Model loaded, const std::string& expected_name)
        : model(std::move(loaded)),
          expected(expected_name),
          ids(expected.integers("tokens")),
          rows(expected.shape("tokens")[0]),
          length(expected.shape("tokens")[1]),
          vocabulary(model.config().vocabulary) {}

    [[nodiscard]] std::span<const std::int32_t> row(std::size_t b) const {
        return std::span(ids).subspan(b * length, length);
    }
    [[nodiscard]] decoder_state state(std::size_t tokens) const {
        return {model.config(), {rows, 192, tokens, tokens}};
    }
    /// Logits of all positions of all rows in one pass.
    template <class Tap>
    std::vector<float> run_all(Tap& tap) const {
        std::vector<batch_token> tokens;
        for (std::size_t b = 0; b < rows; ++b)
            for (const batch_token& token : tokens_of_row(row(b), static_cast<std::int32_t>(b)))
                tokens.push_back(token);
        decoder_state memory = state(tokens.size());
        serial executor;
        const matrix_view logits = model.decoder().forward(memory, tokens, executor, tap);
        return {logits.data(), logits.data() + logits.rows() * logits.columns()};
    }
    /// Logits of the last position of each row, [B, V].
    template <class Tap>
    std::vector<float> run_last(Tap tap) const {
        const std::vector<float> all = run_all(tap);
        std::vector<float> last;
        for (std::size_t b = 0; b < rows; ++b) {
            const auto* const from = all.data() + ((b + 1) * length - 1) * vocabulary;
            last.insert(last.end(), from, from + vocabulary);
        }
        return last;
    }
    /// 64 greedy tokens after the first `prompt` of row b.
    [[nodiscard]] std::vector<std::int32_t> greedy(std::size_t b, std::size_t prompt = 12) const {
        decoder_state memory = state(prompt);
        serial executor;
        no_tap none;
        std::vector<std::int32_t> out;
        std::vector<batch_token> tokens = tokens_of_row(row(b).first(prompt), 0);
        for (int step = 0; step < 64; ++step) {
            const matrix_view logits = model.decoder().forward(memory, tokens, executor, none);
            out.push_back(
                static_cast<std::int32_t>(kernels::argmax(model.decoder().backend(), logits[logits.rows() - 1])));
            tokens = tokens_of_row({&out.back(), 1}, 0, static_cast<std::int32_t>(prompt) + step);
        }
        return out;
    }

    Model model;
    tensors expected;
    std::vector<std::int32_t> ids;
    std::size_t rows, length, vocabulary;
};

/// Every activation that the goldens hold, within 1e-4 (1e-5 where values are at most about 1), and the logits.
template <class Model>
void check_activations(const golden_run<Model>& run) {
    recorder seen;
    const auto logits = run.run_all(seen);
    CHECK(difference(logits, run.expected.floats("logits")) < 1e-4);
    CHECK(difference(seen.values["logits"], logits) == 0);
    std::size_t compared = 0;
    for (const stored_tensor& tensor : run.expected.all()) {
        const std::string& name = tensor.name;
        INFO(name);
        if (const auto found = seen.chosen.find(name); found != seen.chosen.end()) {
            CHECK(found->second == run.expected.integers(name));
            ++compared;
        }
        const auto found = seen.values.find(name);
        if (found == seen.values.end()) continue;
        const auto wanted = run.expected.floats(name);
        const double tolerance = name.starts_with("router_") ? 1e-5 : 1e-4;
        // Some tensors hold the first sequence alone.
        CHECK(difference(std::span(found->second).first(wanted.size()), wanted) < tolerance);
        ++compared;
    }
    const std::size_t layers = run.model.config().layers.size();
    const std::size_t routed = run.model.config().expert_slots() > 0 ? 4 * layers : 0;
    const std::size_t dense = run.model.config().neurons() > 0 ? layers : 0;
    CHECK(compared == 2 + (layers + 1) + layers + dense + routed);  // logits, norm, stream, attention, MLP, routing
}

/// The inputs that layers have of their own, of the first sequence: [T, L, P] in the goldens.
template <class Model>
void check_layer_inputs(const golden_run<Model>& run) {
    recorder seen;
    run.run_all(seen);
    const auto wanted = run.expected.floats("per_layer_inputs");
    const std::size_t layers = run.model.config().layers.size(), width = run.model.config().layer_input;
    REQUIRE(wanted.size() == run.length * layers * width);
    double apart = 0;
    for (std::size_t t = 0; t < run.length; ++t)
        for (std::size_t i = 0; i < layers; ++i)
            apart = std::max(
                apart,
                difference(std::span(wanted).subspan((t * layers + i) * width, width),
                           std::span(seen.values["per_layer_inputs." + std::to_string(i)]).subspan(t * width, width)));
    CHECK(apart < 1e-5);
}

/// Logits of the last position under every ablation and skipped branch that the goldens hold; returns their number.
template <class Model>
int check_edits(const golden_run<Model>& run) {
    int edits = 0;
    for (const stored_tensor& tensor : run.expected.all()) {
        int layer = 0, unit = 0, neuron = 0;
        float factor = 0;
        const char* const name = tensor.name.c_str();
        std::vector<float> last;
        if (std::sscanf(name, "ablate.%d.%d.%f", &layer, &unit, &factor) == 3)
            last = run.run_last(ablation{layer, static_cast<std::size_t>(unit), factor});
        else if (std::sscanf(name, "expert_neuron.%d.%d.%d.%f", &layer, &unit, &neuron, &factor) == 4)
            last = run.run_last(expert_ablation{layer, unit, neuron, factor});
        else if (std::sscanf(name, "expert.%d.%d.%f", &layer, &unit, &factor) == 3)
            last = run.run_last(expert_ablation{layer, unit, -1, factor});
        else if (std::sscanf(name, "skip_attn.%d", &layer) == 1)
            last = run.run_last(skip<sites::attention_output>{layer});
        else if (std::sscanf(name, "skip_mlp.%d", &layer) == 1)
            last = run.run_last(skip<sites::mlp_output>{layer});
        else if (std::sscanf(name, "skip_dense.%d", &layer) == 1)
            last = run.run_last(skip<sites::dense_output>{layer});
        else if (std::sscanf(name, "skip_experts.%d", &layer) == 1)
            last = run.run_last(skip<sites::experts_output>{layer});
        else
            continue;
        INFO(name);
        CHECK(difference(last, run.expected.floats(name)) < 1e-4);
        ++edits;
    }
    return edits;
}

/// Logits of all positions, and the greedy tokens of every row.
template <class Model>
void check_greedy(const golden_run<Model>& run) {
    no_tap none;
    CHECK(difference(run.run_all(none), run.expected.floats("logits")) < 1e-4);
    const auto greedy = run.expected.integers("greedy");
    for (std::size_t b = 0; b < run.rows; ++b) {
        const auto row = std::span(greedy).subspan(b * 64, 64);
        CHECK(run.greedy(b) == std::vector<std::int32_t>(row.begin(), row.end()));
    }
}

/// Prefill, chunks, single steps and batches give the same bits, on any number of threads.
template <class Model>
void check_invariance(const golden_run<Model>& run) {
    no_tap none;
    const std::vector<float> whole = run.run_all(none);
    for (std::size_t chunk : {1U, 5U, 17U, 36U})
        for (std::size_t threads : {1U, 2U, 3U, 8U}) {
            thread_pool executor(threads);
            decoder_state memory = run.state(run.rows * chunk);
            std::vector<float> pieces(whole.size());
            for (std::size_t first = 0; first < run.length; first += chunk) {
                std::vector<batch_token> tokens;
                const std::size_t count = std::min(chunk, run.length - first);
                for (std::size_t b = 0; b < run.rows; ++b)
                    for (const auto& token : tokens_of_row(run.row(b).subspan(first, count),
                                                           static_cast<std::int32_t>(b), static_cast<int>(first)))
                        tokens.push_back(token);
                const matrix_view logits = run.model.decoder().forward(memory, tokens, executor, none);
                for (std::size_t t = 0; t < tokens.size(); ++t) {
                    const std::size_t at = static_cast<std::size_t>(tokens[t].row) * run.length +
                                           static_cast<std::size_t>(tokens[t].position);
                    std::copy(logits[t].begin(), logits[t].end(),
                              pieces.begin() + static_cast<std::ptrdiff_t>(at * run.vocabulary));
                }
            }
            INFO("chunk " << chunk << ", threads " << threads);
            CHECK(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)) == 0);
        }
}

}  // namespace golden

#endif
