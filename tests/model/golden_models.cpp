// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parity of the Gemma 4 and Mixtral families with transformers, from both kinds of checkpoint, and equality of every
// way to run them.
#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/io/load.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/mixtral.hpp>

#include "golden_run.hpp"

using namespace unloop;

namespace {

std::string expected_of(const std::string& name) { return "models/" + name + "/expected.safetensors"; }

/// A directory as transformers writes it, or as it is published.
template <template <class> class Family, class Backend>
auto folder(const std::string& name, const std::string& expected) {
    return golden::golden_run(load<Family>(hugging_face::open(golden::path("models/" + name)), Backend{}),
                              expected_of(expected));
}
template <class Backend>
auto gguf_file(const std::string& name) {
    return golden::golden_run(load<gemma4>(gguf::open(golden::path("gguf/" + name + ".bf16.gguf")), Backend{}),
                              expected_of(name));
}

/// Calls `use(name, run)` for every golden model and file of the two families, and for Llama's directory.
template <class Backend, class Use>
void for_each_model(const Use& use) {
    for (const char* const name : {"e_like", "dense", "moe", "unified"}) use(name, folder<gemma4, Backend>(name, name));
    use("e_like_hub", folder<gemma4, Backend>("e_like_hub", "e_like"));
    use("mixtral", folder<mixtral, Backend>("mixtral", "mixtral"));
    use("llama", folder<llama, Backend>("llama", "llama"));
    for (const char* const name : {"e_like", "moe"}) use(name, gguf_file<Backend>(name));
}

}  // namespace

TEMPLATE_TEST_CASE("every golden model has the activations, choices and logits of transformers", "[parity]", reference,
                   dispatched) {
    for_each_model<TestType>([](const std::string& name, const auto& run) {
        INFO(name);
        golden::check_activations(run);
        if (run.model.config().layer_input > 0) golden::check_layer_inputs(run);
    });
}

TEMPLATE_TEST_CASE("ablated neurons, experts and branches of every golden model give the logits of transformers",
                   "[parity]", reference, dispatched) {
    int edits = 0;
    for_each_model<TestType>([&](const std::string& name, const auto& run) {
        INFO(name);
        edits += golden::check_edits(run);
    });
    CHECK(edits == 280);
}

TEMPLATE_TEST_CASE("greedy tokens of every golden model equal those of transformers", "[parity]", reference,
                   dispatched) {
    for_each_model<TestType>([](const std::string& name, const auto& run) {
        INFO(name);
        golden::check_greedy(run);
    });
}

TEMPLATE_TEST_CASE("every way to run a golden model gives the same bits", "[invariance]", reference, dispatched) {
    for_each_model<TestType>([](const std::string& name, const auto& run) {
        INFO(name);
        golden::check_invariance(run);
    });
}
