// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest useful gradient tap of one's own, used as any other is, and checked with the laws that it claims.
// run:
#include <unloop/io.hpp>
#include <unloop/model.hpp>
#include <unloop/parallel.hpp>

#include <laws/gradient_tap.hpp>

#include <iostream>
#include <string>
#include <vector>

// [tap]
/// How much the stream that enters each layer has to do with what is differentiated: the sum of value times gradient.
struct layer_shares {
    std::vector<double> by_layer;

    void operator()(unloop::sites::residual, const unloop::tap_place& place, unloop::const_matrix_view values,
                    unloop::matrix_view gradients) {
        const auto layer = static_cast<std::size_t>(place.layer);
        if (layer >= by_layer.size()) by_layer.resize(layer + 1);
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t i = 0; i < values.columns(); ++i)
                by_layer[layer] += static_cast<double>(values[t][i]) * static_cast<double>(gradients[t][i]);
    }
};
static_assert(unloop::listens_to_gradient<layer_shares, unloop::sites::residual>);
// [/tap]

int main(int count, char** arguments) try {
    const std::string file = count > 1 ? arguments[1] : SMALL_MODEL;
    const auto model = unloop::load<unloop::llama>(unloop::gguf::open(file), unloop::reference{});
    // [laws]
    const auto make = [] { return layer_shares{}; };
    const auto kept = [](const layer_shares& tap) { return tap.by_layer; };
    const auto broken = laws::broken_gradient_tap_laws(model, make, {.rewrites = false}, kept);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    // [use]
    layer_shares tap;
    const std::vector<unloop::batch_token> tokens{{5, 0, 0}, {9, 0, 1}, {33, 0, 2, true}};  // the last wants logits
    const unloop::state_size size{.rows = 1, .positions = 3, .tokens = 3, .logit_rows = 1};
    unloop::decoder_state state(model.config(), size);
    unloop::backward_state memory(model.config(), size);
    unloop::serial executor;
    unloop::no_tap none;
    const auto logit_of_token_7 = [](unloop::const_matrix_view, unloop::matrix_view gradient) { gradient[0][7] = 1; };
    unloop::backward(model.decoder(), state, memory, tokens, logit_of_token_7, tap, executor, none);
    // [/use]
    for (std::size_t layer = 0; layer < tap.by_layer.size(); ++layer)
        std::cout << "layer " << layer << ": " << static_cast<int>(1000 * tap.by_layer[layer]) << " / 1000\n";
    return broken.empty() ? 0 : 1;
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
