// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parity of the Gemma 4 and Mixtral families with transformers, from both kinds of checkpoint, and equality of every
// way to run them.
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/io/load.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include "golden_run.hpp"
#include "support/erased_backend.hpp"

using namespace unloop;

namespace {

std::string expected_of(const std::string& name) { return "models/" + name + "/expected.safetensors"; }

/// A directory as transformers writes it, or as it is published.
template <template <class> class Family>
auto folder(const test::erased_backend& backend, const std::string& name, const std::string& expected) {
    return golden::golden_run(load<Family>(hugging_face::open(golden::path("models/" + name)), backend),
                              expected_of(expected));
}
auto gguf_file(const test::erased_backend& backend, const std::string& name) {
    return golden::golden_run(load<gemma4>(gguf::open(golden::path("gguf/" + name + ".bf16.gguf")), backend),
                              expected_of(name));
}

/// Calls `use(name, run)` for every golden model and file of the two families, and for Llama's directory.
template <class Use>
void for_each_model(const test::erased_backend& backend, const Use& use) {
    for (const char* const name : {"e_like", "dense", "moe", "unified"}) use(name, folder<gemma4>(backend, name, name));
    use("e_like_hub", folder<gemma4>(backend, "e_like_hub", "e_like"));
    use("mixtral", folder<mixtral>(backend, "mixtral", "mixtral"));
    use("llama", folder<llama>(backend, "llama", "llama"));
    for (const char* const name : {"e_like", "moe"}) use(name, gguf_file(backend, name));
}

/// The backends that measurements are made with: batch-invariant, and compiled for this purpose.
bool is_measured_with(const test::named_backend& each) { return each.name == "reference" || each.name == "dispatched"; }

/// The backends that owe parity in the fourth decimal.
std::vector<test::named_backend> every_exact_backend() {
    std::vector<test::named_backend> kept = test::every_backend();
    std::erase_if(kept, [](const test::named_backend& each) { return each.rounds_activations(); });
    return kept;
}

}  // namespace

TEST_CASE("every golden model has the activations, choices and logits of transformers on every backend", "[parity]") {
    for (const test::named_backend& each : every_exact_backend())
        for_each_model(each.backend, [&](const std::string& name, const auto& run) {
            INFO(name << " on " << each.name);
            golden::check_activations(run);
            if (run.model.config().layer_input > 0) golden::check_layer_inputs(run);
        });
}

TEST_CASE("ablated neurons, experts and branches of every golden model give the logits of transformers", "[parity]") {
    for (const test::named_backend& each : test::every_backend()) {
        if (!is_measured_with(each)) continue;
        int edits = 0;
        for_each_model(each.backend, [&](const std::string& name, const auto& run) {
            INFO(name << " on " << each.name);
            edits += golden::check_edits(run);
        });
        CHECK(edits == 280);
    }
}

TEST_CASE("greedy tokens of every golden model equal those of transformers on every backend", "[parity]") {
    for (const test::named_backend& each : every_exact_backend())
        for_each_model(each.backend, [&](const std::string& name, const auto& run) {
            INFO(name << " on " << each.name);
            golden::check_greedy(run);
        });
}

TEST_CASE("the golden llamas in blocks have the logits and greedy tokens of transformers on every backend",
          "[parity]") {
    for (const std::string name : {"gguf/llama.q8_0", "gguf/llama.q4_1"})
        for (const test::named_backend& each : every_exact_backend()) {
            INFO(name << " on " << each.name);
            golden::check_greedy(golden::golden_run(load<llama>(gguf::open(golden::path(name + ".gguf")), each.backend),
                                                    name + ".expected.safetensors"));
        }
}

TEST_CASE("every way to run a golden model gives the same bits on batch-invariant backends", "[invariance]") {
    for (const test::named_backend& each : test::every_backend())
        if (each.batch_invariant && is_measured_with(each))
            for_each_model(each.backend, [&](const std::string& name, const auto& run) {
                INFO(name << " on " << each.name);
                golden::check_invariance(run);
            });
}
