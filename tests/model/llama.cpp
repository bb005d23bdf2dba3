// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parity of the Llama family with transformers, and equality of every way to run it.
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/parallel.hpp>

#include <map>
#include <string>

#include "support/golden.hpp"

namespace {

using namespace unloop;

std::vector<batch_token> tokens_of_row(std::span<const std::int32_t> ids, std::int32_t row, std::int32_t first = 0) {
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < ids.size(); ++t)
        tokens.push_back({ids[t], row, first + static_cast<std::int32_t>(t), true});
    return tokens;
}

/// Keeps the values of every site, by the name that the goldens use.
struct recorder {
    std::map<std::string, std::vector<float>> values;
    template <class Site>
    void operator()(Site, const tap_place& place, matrix_view rows) {
        std::string name(Site::name);
        if (Site::every_layer) name += "." + std::to_string(place.layer);
        std::vector<float>& to = values[name];
        for (std::size_t t = 0; t < rows.rows(); ++t) to.insert(to.end(), rows[t].begin(), rows[t].end());
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

/// Makes one branch of one layer return 0.
template <class Site>
struct skip {
    std::int32_t layer;
    void operator()(Site, const tap_place& place, matrix_view values) const {
        if (place.layer != layer) return;
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 0.0F);
    }
};

/// One golden model with its expected values; B sequences of T tokens.
template <class Backend>
struct fixture {
    explicit fixture(const std::string& model_name, const std::string& expected_name)
        : model(load<llama>(gguf::open(golden::path(model_name)), Backend{})),
          expected(expected_name),
          ids(expected.integers("tokens")),
          rows(expected.shape("tokens")[0]),
          length(expected.shape("tokens")[1]),
          vocabulary(model.config().vocabulary) {}

    [[nodiscard]] std::span<const std::int32_t> row(std::size_t b) const {
        return std::span(ids).subspan(b * length, length);
    }
    [[nodiscard]] decoder_state state(std::size_t tokens) const {
        return {model.config(), {rows, 128, tokens, tokens}};
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
    /// 64 greedy tokens after the first 12 of row b.
    [[nodiscard]] std::vector<std::int32_t> greedy(std::size_t b) const {
        decoder_state memory = state(16);
        serial executor;
        no_tap none;
        std::vector<std::int32_t> out;
        std::vector<batch_token> tokens = tokens_of_row(row(b).first(12), 0);
        for (int step = 0; step < 64; ++step) {
            const matrix_view logits = model.decoder().forward(memory, tokens, executor, none);
            out.push_back(static_cast<std::int32_t>(kernels::argmax(Backend{}, logits[logits.rows() - 1])));
            tokens = tokens_of_row({&out.back(), 1}, 0, 12 + step);
        }
        return out;
    }

    language_model<llama<Backend>, gguf::checkpoint> model;
    golden::tensors expected;
    std::vector<std::int32_t> ids;
    std::size_t rows, length, vocabulary;
};

constexpr const char* bf16_file = "gguf/llama.bf16.gguf";
constexpr const char* bf16_expected = "models/llama/expected.safetensors";

}  // namespace

TEMPLATE_TEST_CASE("the golden llama has the activations and logits of transformers", "[parity]", reference,
                   dispatched) {
    const fixture<TestType> golden_llama(bf16_file, bf16_expected);
    recorder seen;
    const auto logits = golden_llama.run_all(seen);
    CHECK(golden::difference(logits, golden_llama.expected.floats("logits")) < 1e-4);
    CHECK(golden::difference(seen.values["logits"], logits) == 0);
    CHECK(golden::difference(seen.values["final_norm"], golden_llama.expected.floats("final_norm")) < 1e-4);
    for (std::size_t i = 0; i <= golden_llama.model.config().layers.size(); ++i) {
        const std::string name = "hidden." + std::to_string(i);
        INFO(name);
        CHECK(golden::difference(seen.values[name], golden_llama.expected.floats(name)) < 1e-4);
    }
    for (std::size_t i = 0; i < golden_llama.model.config().layers.size(); ++i) {
        const std::string neurons = "mlp_neurons." + std::to_string(i), attended = "attn_out." + std::to_string(i);
        CHECK(golden::difference(seen.values[neurons], golden_llama.expected.floats(neurons)) < 1e-4);
        const auto first_row = golden_llama.expected.floats(attended);
        CHECK(golden::difference(std::span(seen.values[attended]).first(first_row.size()), first_row) < 1e-4);
    }
}

TEMPLATE_TEST_CASE("ablated neurons and skipped branches give the logits of transformers", "[parity]", reference,
                   dispatched) {
    const fixture<TestType> golden_llama(bf16_file, bf16_expected);
    int edits = 0;
    for (const stored_tensor& tensor : golden_llama.expected.all()) {
        int layer = 0, neuron = 0;
        float factor = 0;
        std::vector<float> last;
        if (std::sscanf(tensor.name.c_str(), "ablate.%d.%d.%f", &layer, &neuron, &factor) == 3)
            last = golden_llama.run_last(ablation{layer, static_cast<std::size_t>(neuron), factor});
        else if (std::sscanf(tensor.name.c_str(), "skip_attn.%d", &layer) == 1)
            last = golden_llama.run_last(skip<sites::attention_output>{layer});
        else if (std::sscanf(tensor.name.c_str(), "skip_mlp.%d", &layer) == 1)
            last = golden_llama.run_last(skip<sites::mlp_output>{layer});
        else
            continue;
        INFO(tensor.name);
        CHECK(golden::difference(last, golden_llama.expected.floats(tensor.name)) < 1e-4);
        ++edits;
    }
    CHECK(edits == 5 * 3 + 2 * 3);
}

TEMPLATE_TEST_CASE("greedy tokens equal those of transformers", "[parity]", reference, dispatched) {
    for (const auto& [file, expected] : {std::pair{bf16_file, bf16_expected},
                                         std::pair{"gguf/llama.q8_0.gguf", "gguf/llama.q8_0.expected.safetensors"}}) {
        INFO(file);
        const fixture<TestType> golden_llama(file, expected);
        no_tap none;
        CHECK(golden::difference(golden_llama.run_all(none), golden_llama.expected.floats("logits")) < 1e-4);
        const auto greedy = golden_llama.expected.integers("greedy");
        for (std::size_t b = 0; b < golden_llama.rows; ++b) {
            const auto row = std::span(greedy).subspan(b * 64, 64);
            CHECK(golden_llama.greedy(b) == std::vector<std::int32_t>(row.begin(), row.end()));
        }
    }
}

TEMPLATE_TEST_CASE("prefill, chunks, single steps and batches give the same bits, on any number of threads",
                   "[invariance]", reference, dispatched) {
    const fixture<TestType> golden_llama(bf16_file, bf16_expected);
    no_tap none;
    const std::vector<float> whole = golden_llama.run_all(none);
    for (std::size_t chunk : {1U, 5U, 17U, 36U})
        for (std::size_t threads : {1U, 2U, 3U, 8U}) {
            thread_pool executor(threads);
            decoder_state memory = golden_llama.state(golden_llama.rows * chunk);
            std::vector<float> pieces(whole.size());
            for (std::size_t first = 0; first < golden_llama.length; first += chunk) {
                std::vector<batch_token> tokens;
                const std::size_t count = std::min(chunk, golden_llama.length - first);
                for (std::size_t b = 0; b < golden_llama.rows; ++b)
                    for (const auto& token : tokens_of_row(golden_llama.row(b).subspan(first, count),
                                                           static_cast<std::int32_t>(b), static_cast<int>(first)))
                        tokens.push_back(token);
                const matrix_view logits = golden_llama.model.decoder().forward(memory, tokens, executor, none);
                for (std::size_t t = 0; t < tokens.size(); ++t) {
                    const std::size_t at = static_cast<std::size_t>(tokens[t].row) * golden_llama.length +
                                           static_cast<std::size_t>(tokens[t].position);
                    std::copy(logits[t].begin(), logits[t].end(),
                              pieces.begin() + static_cast<std::ptrdiff_t>(at * golden_llama.vocabulary));
                }
            }
            INFO("chunk " << chunk << ", threads " << threads);
            CHECK(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)) == 0);
        }
}
