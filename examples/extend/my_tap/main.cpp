// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest useful tap of one's own, used as any other is, and checked with the laws that it claims.
// run:
#include <unloop/generate.hpp>
#include <unloop/io.hpp>

#include <laws/tap.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

// [tap]
/// Keeps which neuron of each layer was largest at each token.
struct largest_neuron {
    std::vector<std::vector<std::size_t>> by_layer;  ///< [layer][token]

    void operator()(unloop::sites::mlp_neurons, const unloop::tap_place& place, unloop::matrix_view values) {
        const auto layer = static_cast<std::size_t>(place.layer);
        by_layer.resize(std::max(by_layer.size(), layer + 1));
        for (std::size_t t = 0; t < values.rows(); ++t) {
            const auto neurons = values[t];
            const auto is_smaller = [](float a, float b) { return std::abs(a) < std::abs(b); };
            const auto largest = std::max_element(neurons.begin(), neurons.end(), is_smaller);
            by_layer[layer].push_back(static_cast<std::size_t>(largest - neurons.begin()));
        }
    }
};
static_assert(unloop::listens_to<largest_neuron, unloop::sites::mlp_neurons>);
// [/tap]

int main(int count, char** arguments) try {
    const std::string file = count > 1 ? arguments[1] : SMALL_MODEL;
    const auto model = unloop::load<unloop::llama>(unloop::gguf::open(file), unloop::reference{});
    // [laws]
    const auto make = [] { return largest_neuron{}; };
    const auto kept = [](const largest_neuron& tap) { return tap.by_layer; };
    const auto broken = laws::broken_tap_laws(model, make, {.rewrites = false}, kept);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    // [use]
    largest_neuron tap;
    const std::vector<unloop::token_id> tokens{5, 9, 33, 70};
    unloop::trace(model, tokens, {}, tap);
    // [/use]
    for (std::size_t layer = 0; layer < tap.by_layer.size(); ++layer) {
        std::cout << "layer " << layer << ':';
        for (const std::size_t neuron : tap.by_layer[layer]) std::cout << ' ' << neuron;
        std::cout << '\n';
    }
    return broken.empty() ? 0 : 1;
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
