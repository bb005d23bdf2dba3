// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Which neuron is behind a loop? Methods of rising cost on one looping answer of a small trained model, and what an
// edit of the first neuron does.
// run: ../models/dense
#include <unloop/attribute.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/detect.hpp>
#include <unloop/edit.hpp>
#include <unloop/generate.hpp>
#include <unloop/io.hpp>
#include <unloop/io/open.hpp>

#include <iostream>
#include <string_view>

namespace {

void print(std::string_view method, const unloop::target_scores& scores) {
    std::cout << method << ':';
    for (const unloop::neuron_id& id : scores.best_neurons(3)) std::cout << ' ' << dotted(id);
    std::cout << '\n';
}

}  // namespace

int main(int count, char** arguments) try {
    if (count != 2) throw unloop::error("usage: which_neuron MODEL");
    auto model = unloop::load<unloop::gemma4>(unloop::open(arguments[1]), unloop::dispatched{});
    unloop::thread_pool executor(2);

    // [run]
    // An answer that loops, run once more with its activations kept.
    const auto answer = unloop::generate(model, unloop::chat{"Please name the moons of Felza."}, {.max_tokens = 160},
                                         unloop::stop_at(unloop::periodic_loop{}, unloop::list_collapse{}));
    const auto run = unloop::find_decisions(model, answer, executor);
    if (!run) throw unloop::error("nothing repeats in the answer");
    std::cout << answer.text << "\n[" << name_of(answer.reason) << ", " << run->decisions.size() << " decisions]\n";
    // [/run]

    // [direct]
    const unloop::loop_margin objective;  // by how much the repeating token beats the good ones
    const auto direct = unloop::direct_logit{}.score(model, *run, objective, executor);
    print("direct effect on the margin", direct);
    // [/direct]
    // [onset]
    print("louder from the second copy on", unloop::onset_difference{}.score(model, *run, objective, executor));
    // [/onset]
    // [ratio]
    print("louder in the loop than before", unloop::activation_ratio{}.score(model, *run, objective, executor));
    // [/ratio]

    // [decisions]
    // Exact: every neuron silent at the decisions' own positions, one token a neuron.
    const unloop::decision_effect<unloop::neuron_id> alone;
    print("silent at decisions", alone.score(model, *run, objective, executor));
    // [/decisions]
    // [exact]
    // Exact, at all positions, as an edit has it: the best few of a cheaper method.
    std::vector<unloop::target_factor> candidates;
    for (const auto& id : direct.best_neurons(16)) candidates.push_back({id, 0.0F});
    const auto changes = unloop::exact_ablation(model, *run, candidates, objective, executor);
    // [/exact]
    unloop::target_scores exact(model.config());
    for (std::size_t i = 0; i < candidates.size(); ++i)
        exact[std::get<unloop::neuron_id>(candidates[i].target)] = changes[i];
    print("silent everywhere, of the first 16", exact);

    // [layers]
    for (const auto& layer : unloop::layer_ablation(model, *run, unloop::ablation_kind::mean, objective, executor))
        std::cout << "layer " << layer.layer << (layer.attention < 0 ? ": attention" : ": no attention")
                  << (layer.feed_forward < 0 ? " and MLP speak" : " and no MLP speaks") << " for the loop\n";
    // [/layers]

    // [edit]
    // A score says where to look; only generation tells what an edit cures.
    const auto plan = unloop::suppress(exact.best_neurons(1));
    const unloop::scoped_edit edited(model, plan);  // in memory, undone at the end
    const auto again = unloop::generate(model, unloop::chat{"Please name the moons of Felza."}, {.max_tokens = 160},
                                        unloop::stop_at(unloop::periodic_loop{}, unloop::list_collapse{}));
    std::cout << plan << "edited: " << name_of(again.reason) << '\n';
    // [/edit]
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
