// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop edit: a plan written into a copy of a model's file, and taken back out of one.
#include <CLI/CLI.hpp>
#include <memory>  // flags that outlive their function
#include <unloop/edit/apply.hpp>
#include <unloop/edit/plan_json.hpp>
#include <unloop/edit/receipt_json.hpp>
#include <unloop/io/open.hpp>
#include <unloop/report/printable.hpp>
#include <unloop/report/progress_bar.hpp>

#include "commands.hpp"
#include "flags.hpp"
#include "origin_json.hpp"

namespace tool {

namespace {

using namespace unloop;

struct write_flags {
    std::string model, out, receipt, save_plan, undo;
    edit_flags edits;
    bool dry_run = false, json = false;
};

void take_back(const write_flags& flags, const context& shared) {
    progress_bar bar;
    undo(read_receipt(flags.undo), flags.model, flags.out, bar);
    bar.wipe();
    if (flags.json)
        print(
            json_line({{"origin", origin(shared)}, {"undone", json_text(flags.undo)}, {"file", json_text(flags.out)}}));
    else
        print(printable(flags.out) + ": as before the edit\n");
}

void run(const write_flags& flags, const context& shared) {
    if (flags.out.empty() == !flags.dry_run) throw usage_error("give one of --out and --dry-run");
    if (flags.edits.any() != flags.undo.empty())
        throw usage_error("say what to edit: --plan, --neuron or another kind, or --undo alone");
    if (!flags.undo.empty()) return take_back(flags, shared);
    const any_checkpoint file = open(flags.model);
    const plan edits = flags.edits.plan_for(file);
    progress_bar bar;
    const receipt done = apply(edits, file, flags.out, {.dry_run = flags.dry_run}, bar);
    bar.wipe();
    if (!flags.receipt.empty()) write_json(flags.receipt, to_json(done));
    if (!flags.save_plan.empty())
        write_json(flags.save_plan, to_json(edits, fingerprint_of(edits, file), {{"origin", origin(shared, file)}}));
    if (flags.json)
        print(json_line({{"origin", origin(shared, file)}, {"edits", edits_json(edits)}, {"receipt", to_json(done)}}));
    else
        print(printable(to_string(done), line_breaks::keep));
}

}  // namespace

void add_edit(CLI::App& app, context& shared) {
    auto flags = std::make_shared<write_flags>();
    CLI::App* const command = app.add_subcommand(
        "edit", "Write a copy of a model with neurons, experts or attention heads edited, or undo that");
    add_model(*command, flags->model);
    flags->edits.add_to(*command);
    CLI::Option* const undo =
        command->add_option("--undo", flags->undo, "Take back the edit of this receipt; --model is the edited file")
            ->type_name("RECEIPT");
    command->add_option("--out", flags->out, "File to write; the model's own file never changes")->type_name("FILE");
    command->add_flag("--dry-run", flags->dry_run, "Work out what would be changed, and write no model")
        ->excludes(undo);
    command->add_option("--receipt", flags->receipt, "Also write what was changed, enough to undo it")
        ->type_name("FILE");
    command->add_option("--save-plan", flags->save_plan, "Also write the edits as a plan for this model")
        ->type_name("FILE");
    add_json(*command, flags->json);
    command->footer(
        "Examples:\n"
        "  unloop edit --model m.gguf --neuron 10.1234=-1 --dry-run\n"
        "  unloop edit --model m.gguf --plan plan.json --out edited.gguf --receipt receipt.json\n"
        "  unloop edit --model edited.gguf --undo receipt.json --out restored.gguf");
    command->callback([flags, &shared] { run(*flags, shared); });
}

}  // namespace tool
