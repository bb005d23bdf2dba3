// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest attribution method of one's own, used as any other is, and checked with the laws that it claims.
// run:
#include <unloop/attribute.hpp>
#include <unloop/io.hpp>

#include <laws/attribution.hpp>

#include <cmath>
#include <iostream>
#include <span>
#include <string>

// [method]
/// score(j) = mean size of neuron j where the run decided to repeat itself.
struct size_at_decisions {
    static constexpr std::string_view name = "size_at_decisions";

    template <class Model, class Objective, class Executor>
    unloop::target_scores score(const Model& model, const unloop::recorded_run& run, const Objective& /*objective*/,
                                Executor& /*executor*/) const {
        unloop::target_scores scores(model.config());
        for (std::size_t layer = 0; layer < scores.layers(); ++layer)
            for (const unloop::decision& at : run.decisions)
                for (std::size_t j = 0; const float neuron : run.neurons_of(layer)[at.position - 1])
                    scores.neurons(layer)[j++] += std::abs(static_cast<double>(neuron));
        return scores /= static_cast<double>(run.decisions.size());
    }
};
// [/method]

int main(int count, char** arguments) try {
    const std::string file = count > 1 ? arguments[1] : SMALL_MODEL;
    const auto model = unloop::load<unloop::llama>(unloop::gguf::open(file), unloop::reference{});
    // [laws]
    const auto broken = laws::broken_attribution_laws(size_at_decisions{}, model);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    const unloop::recorded_run run = laws::looping_run(model, 1);  // of a real answer: find_decisions(model, record)
    unloop::thread_pool executor(1);
    // [use]
    const auto scores =
        unloop::attribute(model, std::span(&run, 1), size_at_decisions{}, unloop::loop_margin{}, executor);
    // [/use]
    for (const auto neuron : scores.best_neurons(3)) std::cout << neuron.layer << '.' << neuron.neuron << '\n';
    return broken.empty() ? 0 : 1;
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
