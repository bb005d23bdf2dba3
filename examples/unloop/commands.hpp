// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The subcommands: each is registered by one function, in a file of its name.
#ifndef UNLOOP_EXAMPLES_COMMANDS_HPP
#define UNLOOP_EXAMPLES_COMMANDS_HPP

#include <stdexcept>  // runtime_error
#include <string>     // arguments
#include <vector>     // arguments

namespace CLI {
class App;
}

namespace tool {

/// What the program returns; documented in docs/tool.md.
enum exit_code : int { done = 0, loop_found = 1, wrong_usage = 2, bad_input = 3, internal_fault = 4 };

/// Arguments that do not make sense, in a way that the parser could not see.
class usage_error : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// What main and the subcommands share.
struct context {
    std::vector<std::string> arguments;  ///< as the shell gave them, without the program's name
    exit_code status = done;             ///< a subcommand that ran sets it where it is not `done`
};

// Each adds one subcommand, which runs while the command line is parsed. `shared` must outlive the parsing.
void add_inspect(CLI::App& app, context& shared);
void add_generate(CLI::App& app, context& shared);
void add_trace(CLI::App& app, context& shared);
void add_detect(CLI::App& app, context& shared);
void add_tokenize(CLI::App& app, context& shared);
void add_edit(CLI::App& app, context& shared);
void add_plant(CLI::App& app, context& shared);
void add_localize(CLI::App& app, context& shared);
void add_search(CLI::App& app, context& shared);
void add_evaluate(CLI::App& app, context& shared);
void add_demo(CLI::App& app, context& shared);
void add_tally(CLI::App& app, context& shared);

}  // namespace tool

#endif
