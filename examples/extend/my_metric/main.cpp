// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest side-effect metric of one's own, used as any other is, and checked with the laws of metrics.
// run:
#include <unloop/evaluate.hpp>
#include <unloop/generate.hpp>
#include <unloop/io.hpp>

#include <laws/side_effect_metric.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <span>
#include <string>
#include <vector>

// [metric]
/// Sum of the entropies, in nats, of the model's guesses at the answer tokens: falls when it becomes too sure of
/// itself.
struct entropies {
    template <class Model>
    std::vector<double> operator()(const Model& model, std::span<const unloop::plan* const> plans,
                                   std::span<const unloop::forced_text> texts,
                                   const unloop::forced_options& options) const {
        const std::size_t chunk = std::max<std::size_t>(options.logit_rows / plans.size(), 1);
        unloop::thread_pool executor(options.threads);
        std::vector<double> sums(plans.size());
        for (const unloop::forced_text& text : texts) {
            const std::size_t size = text.tokens.size() - 1;  // nothing follows the last token
            unloop::forced_run<Model> run(model, plans, size, chunk);
            for (std::size_t first = 0; first < size; first += chunk) {
                run.read(text, first, std::min(first + chunk, size), executor);
                for (std::size_t plan = 0; plan < plans.size(); ++plan)
                    for (std::size_t i = 0; i < run.predicted(); ++i)
                        for (const double p : unloop::probabilities_of(run.logits(plan, i)))
                            if (p > 0) sums[plan] -= p * std::log(p);
            }
        }
        return sums;
    }
};
// [/metric]

int main(int count, char** arguments) try {
    const std::string file = count > 1 ? arguments[1] : SMALL_MODEL;
    const auto model = unloop::load<unloop::llama>(unloop::gguf::open(file), unloop::reference{});
    // [laws]
    const auto broken = laws::broken_side_effect_metric_laws(entropies{}, model);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    // [use]
    const unloop::plan edited = unloop::scale(unloop::neuron_id{2, 4}, 8.0F);
    const std::vector<const unloop::plan*> plans{nullptr, &edited};  // null: the model as it is
    const std::vector<unloop::forced_text> texts{{"a text", {5, 9, 33, 70, 12, 100, 7, 8}, 3}};
    for (const double nats : entropies{}(model, plans, texts, {.threads = 2})) std::cout << nats << " nats\n";
    // [/use]
    return broken.empty() ? 0 : 1;
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
