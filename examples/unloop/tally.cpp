// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop tally: what several planted faults say together, be they of one process or of many.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/core/error.hpp>

#include <vector>  // files

#include "act_tally.hpp"
#include "commands.hpp"
#include "console.hpp"
#include "precision.hpp"

namespace tool {

namespace {

using namespace unloop;

/// What was told of each planted fault.
struct told_faults {
    boost::json::array acts, comparisons;

    void add(const std::string& path) {
        const boost::json::value document = read_json(path);
        const boost::json::object* const object = document.if_object();
        const auto held = [&](const char* name) { return object == nullptr ? nullptr : object->if_contains(name); };
        if (const auto* const one = held("act_1"))
            add_act(*one, path);
        else if (const auto* const many = held("act_1_of_seeds"); many != nullptr && many->is_array())
            for (const boost::json::value& act : many->get_array()) add_act(act, path);
        else if (held("methods") != nullptr)
            add_comparison(document, path);
        else
            throw error(file_place{path, {}, {}},
                        "holds no act_1, act_1_of_seeds or methods, which unloop demo and unloop localize --compare "
                        "write");
    }

  private:
    // A document is told by itself first, so that a file that is not understood is named.
    void add_act(const boost::json::value& act, const std::string& path) {
        (void)tally_text({act}, path);
        acts.push_back(act);
    }
    void add_comparison(const boost::json::value& document, const std::string& path) {
        (void)comparisons_text({document}, path);
        comparisons.push_back(document);
    }
};

}  // namespace

void add_tally(CLI::App& app, context& /*shared*/) {
    auto files = std::make_shared<std::vector<std::string>>();
    CLI::App* const command = app.add_subcommand("tally", "Tell what several planted faults say together");
    command->add_option("FILE", *files, "What demo --act 1, or localize --compare --seal --json, wrote of each")
        ->type_name("FILE ...")
        ->required();
    command->footer(
        "Example:\n"
        "  unloop demo --model model.gguf --act 1 --seed 1 --folder one\n"
        "  unloop demo --model model.gguf --act 1 --seed 2 --folder two\n"
        "  unloop tally one/demo.json two/demo.json");
    command->callback([files] {
        told_faults told;
        for (const std::string& path : *files) told.add(path);
        const std::string acts = tally_text(told.acts, files->front());
        const std::string comparisons = comparisons_text(told.comparisons, files->front());
        print(acts + (acts.empty() || comparisons.empty() ? "" : "\n") + comparisons);
    });
}

}  // namespace tool
