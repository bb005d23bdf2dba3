// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A family of one's own from parts: with random weights it runs, and its parts keep the laws of blocks.
#include <unloop/kernels/argmax.hpp>
#include <unloop/parallel/serial.hpp>

#include <laws/block.hpp>

#include <iostream>

#include "my_family.hpp"

// [bind]
/// Gives every parameter values; a file would give it a view of a tensor.
template <class Model>
std::size_t bind(Model& model, laws::random_parameters& weights) {
    std::size_t numbers = 0;
    model.for_each_parameter([&](unloop::parameter_name name, unloop::parameter_shape shape, auto& slot) {
        weights(name, shape, slot);
        numbers += shape.rows * shape.columns;
    });
    model.tie_head();
    return numbers;
}
// [/bind]

// [greedy]
/// The most probable token, again and again.
template <class Model>
void write_greedily(const Model& model, std::vector<unloop::token_id> text, std::size_t count) {
    unloop::decoder_state state(model.config(), {1, text.size() + count, text.size(), 1});
    unloop::serial executor;
    unloop::no_tap none;
    std::vector<unloop::batch_token> pass;
    for (const auto token : text) pass.push_back({token, 0, static_cast<std::int32_t>(pass.size()), false});
    for (auto position = static_cast<std::int32_t>(pass.size()); count > 0; --count, ++position) {
        pass.back().wants_logits = true;
        const auto logits = model.forward(state, pass, executor, none);
        const auto best = static_cast<unloop::token_id>(unloop::kernels::argmax(model.backend(), logits[0]));
        std::cout << ' ' << best;
        pass = {{best, 0, position, false}};
    }
    std::cout << '\n';
}
// [/greedy]

int main() {
    // [use]
    const my::sizes sizes{.layers = 3,
                          .hidden = 32,
                          .heads = 4,
                          .key_value_heads = 2,
                          .head_size = 16,
                          .mlp_width = 80,
                          .vocabulary = 100,
                          .context = 64,
                          .tied_head = true};
    my::family<unloop::reference> model(my::config_of(sizes), {});
    laws::random_parameters weights;
    std::cout << bind(model, weights) << " parameters, " << model.config().neurons() << " neurons\n";
    write_greedily(model, {1, 2, 3}, 12);
    // [/use]

    // [laws]
    const auto broken = laws::broken_layer_laws(my::family_layer{}, model.config().layers[0]);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]
    return broken.empty() ? 0 : 1;
}
