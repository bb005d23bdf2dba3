// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Runs this program once more, in a process of its own.
#ifndef UNLOOP_EXAMPLES_PROCESS_HPP
#define UNLOOP_EXAMPLES_PROCESS_HPP

#include <string>  // arguments
#include <vector>  // arguments

namespace tool {

/// Runs the tool with `arguments`, its standard output going to the file `output`. Throws `unloop::error` when it
/// cannot be started or does not return 0.
void run_tool(const std::vector<std::string>& arguments, const std::string& output);

}  // namespace tool

#endif
