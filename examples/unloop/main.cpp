// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop, the command-line tool: finds and edits the neurons behind a model's repetition loops.
#include <fcntl.h>  // open

#include <CLI/CLI.hpp>
#include <cstdio>       // fputs
#include <cstdlib>      // getenv
#include <exception>    // what else may come
#include <iostream>     // --help
#include <new>          // bad_alloc
#include <string>       // messages
#include <string_view>  // names
#include <unloop/backend/dispatched.hpp>
#include <unloop/core/error.hpp>
#include <unloop/report/printable.hpp>

#include "commands.hpp"
#include "console.hpp"

namespace {

using namespace tool;

/// A standard stream that the caller closed must not become the first file that is opened: text would be written into
/// it. Opened the wrong way round, using it is an error as before.
void occupy_standard_streams() {
    for (int stream = 0; stream <= 2; ++stream)
        if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
}

/// For the library a wrong UNLOOP_TARGET is a fault of the calling program.
void check_target() {
    const char* const name = std::getenv("UNLOOP_TARGET");
    if (name == nullptr || *name == '\0') return;
    std::string known;
    for (const unloop::backend::kernel_table* table : unloop::backend::dispatched_tables()) {
        if (std::string_view(table->target) == name) return;
        known += std::string(known.empty() ? "" : ", ") + table->target;
    }
    throw unloop::error(std::string("UNLOOP_TARGET is '") + name + "', and this machine runs " + known);
}

/// One line, whatever a file name or a model put into the message.
int fail(exit_code code, const std::string& message) {
    const std::string line = "unloop: " + unloop::printable(message) + "\n";
    std::fputs(line.c_str(), stderr);
    return code;
}

/// What the parser found wrong, and where help is.
int refuse_usage(const CLI::App& app, const context& shared, const std::string& message) {
    const auto chosen = app.get_subcommands();
    if (!chosen.empty()) return fail(wrong_usage, message + "; see unloop " + chosen.front()->get_name() + " --help");
    const bool is_unknown = !shared.arguments.empty() && !shared.arguments.front().starts_with('-');
    return fail(wrong_usage, (is_unknown ? "there is no command '" + shared.arguments.front() + "'" : message) +
                                 "; see unloop --help");
}

int run(int count, char** arguments) {
    check_target();
    context shared;
    shared.arguments.assign(arguments + 1, arguments + count);
    CLI::App app("Finds and edits the few MLP neurons behind a language model's repetition loops.", "unloop");
    app.set_version_flag("--version", "unloop " UNLOOP_VERSION);
    app.require_subcommand(1);
    app.footer(
        "unloop COMMAND --help explains a command and shows examples. Exit codes: 0 done, 1 a loop was found,\n"
        "2 wrong usage, 3 bad input, 4 a fault of the program.");
    add_inspect(app, shared);
    add_generate(app, shared);
    add_trace(app, shared);
    add_detect(app, shared);
    add_tokenize(app, shared);
    add_edit(app, shared);
    add_plant(app, shared);
    add_localize(app, shared);
    add_search(app, shared);
    add_evaluate(app, shared);
    add_demo(app, shared);
    add_tally(app, shared);
    try {
        app.parse(count, arguments);
    } catch (const CLI::Success& shown) {  // --help and --version
        app.exit(shown, std::cout);
    } catch (const CLI::ParseError& fault) {
        return refuse_usage(app, shared, fault.what());
    } catch (const usage_error& fault) {
        return refuse_usage(app, shared, fault.what());
    }
    finish_output();
    return shared.status;
}

}  // namespace

int main(int count, char** arguments) {
    occupy_standard_streams();
    try {
        return run(count, arguments);
    } catch (const unloop::error& fault) {
        return fail(bad_input, fault.what());
    } catch (const std::bad_alloc&) {
        return fail(internal_fault, "not enough memory; try a smaller --batch, --max-tokens or input");
    } catch (const std::exception& fault) {
        return fail(internal_fault, std::string("a fault of the program: ") + fault.what());
    }
}
