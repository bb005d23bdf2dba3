// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop inspect: what a model's file holds, and what of it this machine computes with.
#include <CLI/CLI.hpp>
#include <map>     // formats
#include <memory>  // flags that outlive their function
#include <unloop/backend/dispatched.hpp>
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
    std::string path;
    bool tensors = false, json = false;
};

/// A file, and the model in it or why there is none.
struct opened {
    gguf::checkpoint file;
    std::unique_ptr<model_session> model;
    std::string fault;
};

opened open(const std::string& path) {
    opened made{gguf::open(path), nullptr, {}};
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

std::map<std::string, format_total> formats_of(const gguf::checkpoint& file) {
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

std::string text_of(const gguf::checkpoint& file, const char* key) {
    const gguf::metadata_entry* const entry = file.metadata().find(key);
    const auto* const text = entry == nullptr ? nullptr : std::get_if<std::string>(&entry->value.held);
    return text == nullptr ? std::string() : *text;
}

std::string widths_of(const decoder_config& config) {
    std::size_t least = config.layers.front().mlp_width, most = least;
    for (const layer_traits& layer : config.layers) {
        least = std::min(least, layer.mlp_width);
        most = std::max(most, layer.mlp_width);
    }
    return least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most);
}

void add_configuration(table& facts, const model_session& model) {
    const decoder_config& config = model.config();
    const layer_traits& layer = config.layers.front();
    facts.add({"layers", std::to_string(config.layers.size()) + " x " + widths_of(config) + " neurons, " +
                             std::to_string(config.neurons()) + " in all"});
    facts.add({"hidden", std::to_string(config.hidden)});
    facts.add({"attention", std::to_string(layer.heads) + " heads of " + std::to_string(layer.head_size) + ", " +
                                std::to_string(layer.key_value_heads) + " of keys and values"});
    facts.add(
        {"vocabulary", std::to_string(config.vocabulary) + (config.tied_head ? ", head tied to the embedding" : "")});
    facts.add({"context", std::to_string(config.context) + " positions"});
    facts.add({"tokenizer", model.has_tokenizer()
                                ? text_of(model.file(), "tokenizer.ggml.model") + ", chat template " +
                                      (text_of(model.file(), "tokenizer.chat_template").empty() ? "missing" : "present")
                                : "missing"});
}

std::string text(const opened& from) {
    table facts({{""}, {""}});
    const std::string name = text_of(from.file, "general.name");
    facts.add({"model", name.empty() ? "(unnamed)" : printable(name)});
    facts.add({"file", printable(from.file.path()) + ", " + bytes_text(from.file.mapping().bytes().size()) +
                           ", GGUF version " + std::to_string(from.file.version())});
    facts.add({"family", printable(text_of(from.file, "general.architecture"))});
    if (from.model)
        add_configuration(facts, *from.model);
    else
        facts.add({"loads", "no: " + printable(from.fault)});
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

std::string tensor_list(const gguf::checkpoint& file) {
    table rows({{"tensor"}, {"shape"}, {"format"}, {"size", alignment::right}, {"offset", alignment::right}});
    for (const stored_tensor& tensor : file.tensors()) {
        std::string shape;
        for (const std::uint64_t extent : tensor.shape) shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
        rows.add(
            {printable(tensor.name), shape, tensor.type_name, bytes_text(tensor.bytes), std::to_string(tensor.offset)});
    }
    return "\n" + rows.text();
}

boost::json::object configuration_json(const model_session& model) {
    const decoder_config& config = model.config();
    boost::json::array layers;
    for (const layer_traits& layer : config.layers)
        layers.push_back({{"neurons", layer.mlp_width},
                          {"heads", layer.heads},
                          {"key_value_heads", layer.key_value_heads},
                          {"head_size", layer.head_size},
                          {"window", layer.window}});
    return {{"family", json_text(config.family)},
            {"hidden", config.hidden},
            {"vocabulary", config.vocabulary},
            {"context", config.context},
            {"tied_head", config.tied_head},
            {"neurons", config.neurons()},
            {"has_tokenizer", model.has_tokenizer()},
            {"has_chat_template", !text_of(model.file(), "tokenizer.chat_template").empty()},
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
    return json_line({{"origin", origin(shared, from.file)},
                      {"configuration", from.model ? boost::json::value(configuration_json(*from.model)) : nullptr},
                      {"fault", from.model ? boost::json::value(nullptr) : json_text(from.fault)},
                      {"formats", std::move(formats)},
                      {"tensors", std::move(tensors)}});
}

void run(const inspect_flags& flags, const context& shared) {
    const opened from = open(flags.path);
    if (flags.json) return print(document(from, shared));
    print(text(from));
    if (flags.tensors) print(tensor_list(from.file));
}

}  // namespace

void add_inspect(CLI::App& app, context& shared) {
    auto flags = std::make_shared<inspect_flags>();
    CLI::App* const command = app.add_subcommand("inspect", "Show what a model's file holds");
    command->add_option("file", flags->path, "GGUF file of the model")->required()->type_name("FILE");
    command->add_flag("--tensors", flags->tensors, "Also list every tensor (--json always does)");
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop inspect m.gguf\n"
        "  unloop inspect m.gguf --tensors");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
