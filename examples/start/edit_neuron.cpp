// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// From a looping model to an edited file: generate, attribute, suppress one neuron, write a patched copy, look again.
// run: "${UNLOOP_MODEL:-}" "$scratch/edited.gguf" || { [ -z "${UNLOOP_MODEL:-}" ] && exit 77; }
// [program]
#include <unloop/attribute.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/detect.hpp>
#include <unloop/edit.hpp>
#include <unloop/generate.hpp>
#include <unloop/io.hpp>

#include <iostream>

int main(int count, char** arguments) try {
    if (count != 3) throw unloop::error("usage: edit_neuron MODEL.gguf EDITED.gguf");
    const auto answer = [](const auto& model) {
        return unloop::generate(model, unloop::chat{"List all dog breeds."}, {.max_tokens = 256, .threads = 2},
                                unloop::stop_at(unloop::list_collapse{}));
    };
    const auto checkpoint = unloop::gguf::open(arguments[1]);  // mapped; nothing is copied
    const auto model = unloop::load<unloop::llama>(checkpoint, unloop::dispatched{});
    const auto run = answer(model);
    std::cout << "as shipped: " << run.text << "\n[" << name_of(run.reason) << "]\n";

    const auto scores = unloop::attribute(model, run, unloop::direct_logit{}, unloop::loop_margin{});
    const auto plan = unloop::suppress(scores.best_neurons(1));
    std::cout << plan << unloop::apply(plan, checkpoint, arguments[2]);  // what will be, and what was done

    const auto edited = answer(unloop::load<unloop::llama>(unloop::gguf::open(arguments[2]), unloop::dispatched{}));
    std::cout << "edited: " << edited.text << "\n[" << name_of(edited.reason) << "]\n";
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
// [/program]
