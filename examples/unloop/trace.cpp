// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop trace: activations of a prompt as a safetensors file.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/io/safetensors_writer.hpp>
#include <unloop/report/record_json.hpp>
#include <unloop/report/table.hpp>

#include "commands.hpp"
#include "flags.hpp"
#include "model_session.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

using namespace unloop;

struct trace_flags {
    std::string model, out;
    prompt_flags prompt;
    edit_flags edits;
    std::vector<std::string> sites;
    trace_options options;
    bool json = false;
};

/// What layers get beside the stream, [tokens, layers, width]: it is one tensor, every other site has one a layer.
std::vector<float> stack_layers(std::span<const recorded_activation> by_layer) {
    const std::size_t tokens = by_layer.front().tokens(), width = by_layer.front().width;
    std::vector<float> values;
    for (std::size_t t = 0; t < tokens; ++t)
        for (const recorded_activation& layer : by_layer) {
            const auto row = std::span(layer.values).subspan(t * width, width);
            values.insert(values.end(), row.begin(), row.end());
        }
    return values;
}

void write(const std::string& path, std::span<const token_id> ids, const activation_recorder& seen,
           std::size_t layers) {
    safetensors::writer file;  // keeps spans: what it is given must outlive `write`
    std::vector<float> layer_inputs;
    file.add("tokens", {ids.size()}, ids);
    const std::span<const recorded_activation> all = seen.recorded();
    const std::string input(sites::layer_input::name);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == input + ".0" && i + layers <= all.size() &&
            all[i + layers - 1].name == input + "." + std::to_string(layers - 1)) {
            layer_inputs = stack_layers(all.subspan(i, layers));
            file.add(input, {all[i].tokens(), layers, all[i].width}, layer_inputs);
            i += layers - 1;
        } else if (all[i].choices.empty()) {
            file.add(all[i].name, all[i].shape(), all[i].values);
        } else {
            file.add(all[i].name, all[i].shape(), all[i].choices);
        }
    file.write(path);
}

void run(trace_flags& flags, const context& shared) {
    const auto prompt = flags.prompt.given();
    if (!prompt) throw usage_error("give one of --ids, --prompt and --chat");
    const auto model = open_model(flags.model);
    const std::vector<token_id> ids = model->encode(*prompt);
    const plan edits = flags.edits.plan_for(model->file());
    activation_recorder seen(flags.sites, model->config().layers.size());
    flags.options.logits = seen.needs_logits();
    {
        progress_bar bar;
        model->trace(ids, flags.options, edits, seen, bar);
    }
    for (const recorded_activation& one : seen.recorded())
        if (one.width == 0) throw error("this model has no site '" + one.name + "'");
    write(flags.out, ids, seen, model->config().layers.size());
    boost::json::array tensors{{{"name", "tokens"}, {"shape", {ids.size()}}}};
    table rows({{"tensor"}, {"shape", alignment::right}});
    for (const recorded_activation& one : seen.recorded()) {
        const std::vector<std::uint64_t> extents = one.shape();
        tensors.push_back({{"name", one.name}, {"shape", boost::json::array(extents.begin(), extents.end())}});
        std::string shape;
        for (const std::uint64_t extent : extents) shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
        rows.add({one.name, shape});
    }
    if (flags.json)
        print(json_line({{"origin", origin(shared, model->file())},
                         {"edits", edits_json(edits)},
                         {"file", json_text(flags.out)},
                         {"tokens", json_list(ids)},
                         {"tensors", std::move(tensors)}}));
    else
        print(rows.text());
}

}  // namespace

void add_trace(CLI::App& app, context& shared) {
    auto flags = std::make_shared<trace_flags>();
    CLI::App* const command = app.add_subcommand("trace", "Write a prompt's activations as safetensors");
    std::string known;
    unloop::detail::for_each_recordable(
        [&](auto site) { known += (known.empty() ? "" : ", ") + std::string(site.name); });
    add_model(*command, flags->model);
    flags->prompt.add_to(*command);
    command->add_option("--sites", flags->sites, "What to record, of all layers or one (hidden.3): " + known)
        ->delimiter(',')
        ->required()
        ->type_name("SITE,...");
    command->add_option("--out", flags->out, "File to write")->required()->type_name("FILE");
    add_threads(*command, flags->options.threads);
    flags->edits.add_to(*command);
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop trace --model m.gguf --chat \"List dog breeds.\" --sites hidden,logits --out t.safetensors\n"
        "  unloop trace --model m.gguf --ids 2,7,9 --sites mlp_neurons.10 --neuron 10.1234=0 --out t.safetensors\n"
        "In Python: safetensors.numpy.load_file(\"t.safetensors\")[\"hidden.3\"] is [tokens, width], float32.");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
