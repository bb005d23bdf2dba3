// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Parity of the small trained models with transformers: logits over a list and more than a window, choices of experts,
// and greedy answers that loop.
#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/io/open.hpp>

#include "golden_run.hpp"

using namespace unloop;

namespace {

template <class Backend>
auto trained(const std::string& name) {
    const std::string folder = std::string(UNLOOP_TEST_DATA) + "/../../examples/models/" + name;
    return golden::golden_run(load<any_decoder>(open(folder), Backend{}), "trained/" + name + "/expected.safetensors");
}

}  // namespace

TEMPLATE_TEST_CASE("the trained models have the logits, choices and greedy answers of transformers", "[parity]",
                   reference, dispatched) {
    for (const std::string name : {"dense", "mixture"}) {
        INFO(name);
        const auto run = trained<TestType>(name);
        golden::recorder seen;
        CHECK(golden::difference(run.run_all(seen), run.expected.floats("logits")) < 1e-4);
        std::size_t routed = 0;
        for (const auto& [site, chosen] : seen.chosen) {
            INFO(site);
            CHECK(chosen == run.expected.integers(site));
            ++routed;
        }
        CHECK(routed == (name == "mixture" ? run.model.config().layers.size() : 0));
        const auto prompts = run.expected.integers("greedy_prompt"), greedy = run.expected.integers("greedy");
        for (std::size_t b = 0; b < run.rows; ++b) {
            const auto wanted = std::span(greedy).subspan(b * 64, 64);
            CHECK(run.greedy(b, static_cast<std::size_t>(prompts[b])) ==
                  std::vector<std::int32_t>(wanted.begin(), wanted.end()));
        }
    }
}
