// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// unloop tally: what several runs of the demo's first act say together, be they of one process or of many.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/core/error.hpp>

#include <vector>  // files

#include "act_tally.hpp"
#include "commands.hpp"
#include "console.hpp"

namespace tool {

namespace {

using namespace unloop;

/// The acts of one document of the demo.
boost::json::array acts_in(const std::string& path) {
    const boost::json::value document = read_json(path);
    if (const boost::json::object* const object = document.if_object()) {
        if (const auto* const one = object->if_contains("act_1")) return {*one};
        const auto* const many = object->if_contains("act_1_of_seeds");
        if (many != nullptr && many->is_array()) return many->get_array();
    }
    throw error(file_place{path, {}, {}}, "holds neither act_1 nor act_1_of_seeds, which unloop demo writes");
}

}  // namespace

void add_tally(CLI::App& app, context& /*shared*/) {
    auto files = std::make_shared<std::vector<std::string>>();
    CLI::App* const command =
        app.add_subcommand("tally", "Tell what several runs of the demo's first act say together");
    command->add_option("FILE", *files, "demo.json of each run")->type_name("FILE ...")->required();
    command->footer(
        "Example:\n"
        "  unloop demo --model model.gguf --act 1 --seed 1 --folder one\n"
        "  unloop demo --model model.gguf --act 1 --seed 2 --folder two\n"
        "  unloop tally one/demo.json two/demo.json");
    command->callback([files] {
        boost::json::array acts;
        std::string text;
        for (const std::string& path : *files)
            for (boost::json::value& one : acts_in(path)) {
                (void)tally_text({one}, path);  // so that a file that is not understood is named
                acts.push_back(std::move(one));
            }
        print(tally_text(acts, files->front()));
    });
}

}  // namespace tool
