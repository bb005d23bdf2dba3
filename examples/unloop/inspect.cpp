// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop inspect: what a model's file holds, and what of it this machine computes with.
#include <CLI/CLI.hpp>
#include <map>     // formats
#include <memory>  // flags that outlive their function
#include <unloop/backend/dispatched.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/gemma4_presets.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/printable.hpp>
#include <unloop/report/record_json.hpp>
#include <unloop/report/table.hpp>

#include "commands.hpp"
#include "flags.hpp"
#include "model_session.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

using namespace unloop;

struct inspect_flags {
    std::string path, preset;
    bool tensors = false, json = false;
};

/// A file, and the model in it or why there is none.
struct opened {
    any_checkpoint file;
    std::unique_ptr<model_session> model;
    std::string fault;
};

opened open_file(const std::string& path) {
    opened made{open(path), nullptr, {}};
    try {
        made.model = open_model(path);
    } catch (const error& fault) {
        made.fault = fault.what();
    }
    return made;
}

/// Which loops multiply weights of a format: those of an instruction set, "plain" ones, or "none" when there are none.
std::string kernels_of(const std::optional<number_format>& format) {
    if (!format) return "none";
    const bool fast = visit_format(*format, [](auto type) {
        return replaces<dispatched, kernels::matvec_t, decltype(type)> &&
               replaces<dispatched, kernels::matmul_t, decltype(type)>;
    });
    return fast ? dispatched::target() : "plain";
}

struct format_total {
    std::size_t tensors = 0;
    std::uint64_t values = 0, bytes = 0;
    std::string kernels;
};

std::map<std::string, format_total> formats_of(const any_checkpoint& file) {
    std::map<std::string, format_total> totals;
    for (const stored_tensor& tensor : file.tensors()) {
        format_total& total = totals[tensor.type_name];
        ++total.tensors;
        total.values += count_values(tensor.shape).value_or(0);
        total.bytes += tensor.bytes;
        total.kernels = kernels_of(tensor.format);
    }
    return totals;
}

std::string container_of(const any_checkpoint& file) {
    struct name {
        std::string operator()(const gguf::checkpoint& one) const {
            return "GGUF version " + std::to_string(one.version());
        }
        std::string operator()(const hugging_face::checkpoint& folder) const {
            const std::size_t files = folder.files().size();
            return "safetensors, " + std::to_string(files) + (files == 1 ? " file" : " files");
        }
    };
    return file.visit(name{});
}

/// "512", or "256 to 512" where layers differ.
std::string range_of(const decoder_config& config, std::size_t layer_traits::*member) {
    std::size_t least = config.layers.front().*member, most = least;
    for (const layer_traits& layer : config.layers) {
        least = std::min(least, layer.*member);
        most = std::max(most, layer.*member);
    }
    return least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most);
}

void add_attention(table& facts, const decoder_config& config) {
    std::size_t sliding = 0, window = 0, sharing = 0;
    for (const layer_traits& layer : config.layers) {
        sliding += layer.window > 0;
        window = std::max(window, layer.window);
        sharing += !layer.owns_key_values();
    }
    std::string text = range_of(config, &layer_traits::heads) + " heads of " +
                       range_of(config, &layer_traits::head_size) + ", " +
                       range_of(config, &layer_traits::key_value_heads) + " of keys and values";
    if (sliding > 0)
        text += "; " + std::to_string(sliding) + " layers see " + std::to_string(window) + " positions, " +
                std::to_string(config.layers.size() - sliding) + " all";
    if (sharing > 0) text += "; " + std::to_string(sharing) + " use keys and values of layers below";
    facts.add({"attention", text});
}

void add_shape(table& facts, const decoder_config& config) {
    facts.add({"layers", std::to_string(config.layers.size()) + " x " + range_of(config, &layer_traits::mlp_width) +
                             " neurons, " + std::to_string(config.neurons()) + " in all"});
    if (config.expert_slots() > 0)
        facts.add({"experts", range_of(config, &layer_traits::experts) + " a layer, " +
                                  range_of(config, &layer_traits::experts_used) + " used by a token, " +
                                  std::to_string(config.expert_slots()) + " slots and " +
                                  std::to_string(config.expert_neurons()) + " expert neurons in all"});
    facts.add({"hidden", std::to_string(config.hidden)});
    if (config.layer_input > 0)
        facts.add({"layer inputs", std::to_string(config.layer_input) + " channels for each layer and token"});
    add_attention(facts, config);
    facts.add(
        {"vocabulary", std::to_string(config.vocabulary) + (config.tied_head ? ", head tied to the embedding" : "")});
    facts.add({"context", std::to_string(config.context) + " positions"});
}

void add_tokenizer(table& facts, const model_session& model) {
    const tokenizer_data data = read_tokenizer(model.file());
    facts.add({"tokenizer", data.tokens.empty()
                                ? "missing"
                                : data.model + ", " + std::to_string(data.tokens.size()) + " tokens, chat template " +
                                      (data.chat_template.empty() ? "missing" : "present")});
}

std::string text(const opened& from) {
    table facts({{""}, {""}});
    facts.add({"model", printable(name_of(from.file))});
    facts.add({"file", printable(from.file.path()) + ", " + bytes_text(weight_bytes(from.file)) + ", " +
                           container_of(from.file)});
    if (from.model) {
        facts.add({"family", from.model->config().family});
        add_shape(facts, from.model->config());
        add_tokenizer(facts, *from.model);
    } else {
        facts.add({"loads", "no: " + printable(from.fault)});
    }
    facts.add({"instructions", dispatched::target()});

    table formats({{"format"},
                   {"tensors", alignment::right},
                   {"weights", alignment::right},
                   {"size", alignment::right},
                   {"kernels"}});
    for (const auto& [format, total] : formats_of(from.file))
        formats.add({format, std::to_string(total.tensors), std::to_string(total.values), bytes_text(total.bytes),
                     total.kernels});
    return facts.text() + "\n" + formats.text();
}

std::string tensor_list(const any_checkpoint& file) {
    table rows({{"tensor"}, {"shape"}, {"format"}, {"size", alignment::right}, {"offset", alignment::right}});
    for (const stored_tensor& tensor : file.tensors()) {
        std::string shape;
        for (const std::uint64_t extent : tensor.shape) shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
        rows.add(
            {printable(tensor.name), shape, tensor.type_name, bytes_text(tensor.bytes), std::to_string(tensor.offset)});
    }
    return "\n" + rows.text();
}

boost::json::object configuration_json(const decoder_config& config) {
    boost::json::array layers;
    for (const layer_traits& layer : config.layers)
        layers.push_back({{"neurons", layer.mlp_width},
                          {"heads", layer.heads},
                          {"key_value_heads", layer.key_value_heads},
                          {"head_size", layer.head_size},
                          {"window", layer.window},
                          {"key_value_layer", layer.key_value_layer},
                          {"experts", layer.experts},
                          {"experts_used", layer.experts_used},
                          {"expert_width", layer.expert_width},
                          {"layer_input", layer.layer_input}});
    return {{"family", json_text(config.family)},
            {"hidden", config.hidden},
            {"vocabulary", config.vocabulary},
            {"context", config.context},
            {"tied_head", config.tied_head},
            {"neurons", config.neurons()},
            {"heads", config.heads()},
            {"expert_slots", config.expert_slots()},
            {"expert_neurons", config.expert_neurons()},
            {"layers", std::move(layers)}};
}

std::string document(const opened& from, const context& shared) {
    boost::json::array formats, tensors;
    for (const auto& [format, total] : formats_of(from.file))
        formats.push_back({{"format", format},
                           {"tensors", total.tensors},
                           {"weights", total.values},
                           {"bytes", total.bytes},
                           {"kernels", total.kernels}});
    for (const stored_tensor& tensor : from.file.tensors())
        tensors.push_back({{"name", json_text(tensor.name)},
                           {"shape", json_list(tensor.shape)},
                           {"format", tensor.type_name},
                           {"offset", tensor.offset},
                           {"bytes", tensor.bytes}});
    boost::json::value configuration;
    if (from.model) {
        boost::json::object told = configuration_json(from.model->config());
        told["has_tokenizer"] = from.model->has_tokenizer();
        told["has_chat_template"] = !read_tokenizer(from.model->file()).chat_template.empty();
        configuration = std::move(told);
    }
    return json_line({{"origin", origin(shared, from.file)},
                      {"configuration", std::move(configuration)},
                      {"fault", from.model ? boost::json::value(nullptr) : json_text(from.fault)},
                      {"formats", std::move(formats)},
                      {"tensors", std::move(tensors)}});
}

/// Parameters of a model of this shape, counted by the list that loading follows, without any weights.
std::size_t parameters_of(const decoder_config& shape) {
    gemma4<reference> model(shape, reference{});
    std::size_t sum = 0;
    model.for_each_parameter(
        [&](parameter_name, parameter_shape extents, auto&) { sum += extents.rows * extents.columns; });
    return sum;
}

/// The real dimensions of one size of Gemma 4, and what it would weigh; no file is needed.
void show_preset(const inspect_flags& flags) {
    const auto found = std::find_if(gemma4_presets.begin(), gemma4_presets.end(),
                                    [&](const gemma4_preset& one) { return one.name == flags.preset; });
    if (found == gemma4_presets.end()) {
        std::string known;
        for (const gemma4_preset& one : gemma4_presets) known += (known.empty() ? "" : ", ") + std::string(one.name);
        throw usage_error("there is no preset '" + flags.preset + "'; the presets are " + known);
    }
    const decoder_config shape = found->config();
    const std::size_t parameters = parameters_of(shape);
    if (flags.json) {
        boost::json::object told = configuration_json(shape);
        told["parameters"] = parameters, told["bytes_in_bf16"] = 2 * parameters;
        return print(json_line({{"preset", flags.preset}, {"configuration", std::move(told)}}));
    }
    table facts({{""}, {""}});
    facts.add({"model", "Gemma 4 " + flags.preset + ", its shape alone"});
    add_shape(facts, shape);
    facts.add({"parameters", std::to_string(parameters) + ", " + bytes_text(2 * parameters) + " in bfloat16"});
    print(facts.text());
}

void run(const inspect_flags& flags, const context& shared) {
    if (flags.path.empty() == flags.preset.empty()) throw usage_error("give a file or folder, or --preset SIZE");
    if (!flags.preset.empty()) return show_preset(flags);
    const opened from = open_file(flags.path);
    if (flags.json) return print(document(from, shared));
    print(text(from));
    if (flags.tensors) print(tensor_list(from.file));
}

}  // namespace

void add_inspect(CLI::App& app, context& shared) {
    auto flags = std::make_shared<inspect_flags>();
    CLI::App* const command = app.add_subcommand("inspect", "Show what a model's file holds");
    command->add_option("model", flags->path, "GGUF file or Hugging Face folder of the model")->type_name("PATH");
    command->add_option("--preset", flags->preset, "A size of Gemma 4 instead of a file: E2B, E4B, 12B, 26B-A4B, 31B")
        ->type_name("SIZE");
    command->add_flag("--tensors", flags->tensors, "Also list every tensor (--json always does)");
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop inspect m.gguf\n"
        "  unloop inspect m.gguf --tensors\n"
        "  unloop inspect --preset 26B-A4B");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
