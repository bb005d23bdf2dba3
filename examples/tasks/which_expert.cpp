// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Which routed expert is behind a loop? Three ways to ask, and the neurons of the expert that the exact one names.
// run: ../models/mixture
#include <unloop/attribute.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/detect.hpp>
#include <unloop/generate.hpp>
#include <unloop/io.hpp>
#include <unloop/io/open.hpp>

#include <iostream>
#include <string_view>

namespace {

template <class Id>
void print(std::string_view method, const unloop::target_scores& scores) {
    std::cout << method << ':';
    for (const Id& id : scores.best<Id>(3)) std::cout << ' ' << dotted(id);
    std::cout << '\n';
}

}  // namespace

int main(int count, char** arguments) try {
    if (count != 2) throw unloop::error("usage: which_expert MODEL");
    const auto model = unloop::load<unloop::gemma4>(unloop::open(arguments[1]), unloop::dispatched{});
    unloop::thread_pool executor(2);
    const auto answer = unloop::generate(model, unloop::chat{"Please name the moons of Felza."}, {.max_tokens = 160},
                                         unloop::stop_at(unloop::periodic_loop{}, unloop::list_collapse{}));
    const auto run = unloop::find_decisions(model, answer, executor);
    if (!run) throw unloop::error("nothing repeats in the answer");
    const unloop::loop_margin objective;
    using unloop::expert_id, unloop::expert_neuron_id;

    // [experts]
    print<expert_id>("writes most in the loop",
                     unloop::expert_output_norm<unloop::inside_loop>{}.score(model, *run, objective, executor));
    print<expert_id>("chosen more often in the loop",
                     unloop::routing_rate_difference{}.score(model, *run, objective, executor));
    const auto exact = unloop::exact_effect<expert_id>{}.score(model, *run, objective, executor);
    print<expert_id>("missed most when silent", exact);
    // [/experts]

    // [neurons]
    // Neurons of that expert: only tokens that chose it count.
    const auto louder = unloop::activation_ratio{}.score(model, *run, objective, executor);
    print<expert_neuron_id>("its neurons that are louder in the loop",
                            unloop::only_of(exact.best<expert_id>(1).front(), louder));
    // [/neurons]
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
