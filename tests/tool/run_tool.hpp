// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Runs the built tool as a shell does, and reads what it printed.
#ifndef UNLOOP_TESTS_TOOL_RUN_TOOL_HPP
#define UNLOOP_TESTS_TOOL_RUN_TOOL_HPP

#include <sys/wait.h>  // WEXITSTATUS

#include <algorithm>       // count
#include <boost/json.hpp>  // documents
#include <cstdlib>         // system
#include <string>          // output
#include <vector>          // arguments

#include "io/scratch_folder.hpp"

namespace tool {

struct outcome {
    int code = -1;  ///< exit code; -1: ended by a signal
    std::string out, err;

    [[nodiscard]] boost::json::value json() const { return boost::json::parse(out); }
    /// Whether it failed as it should: this code, nothing but one line that begins with the program's name.
    [[nodiscard]] bool failed_on_one_line(int expected) const {
        return code == expected && err.starts_with("unloop: ") && err.ends_with("\n") &&
               std::count(err.begin(), err.end(), '\n') == 1;
    }
};

inline std::string quoted(const std::string& argument) {
    std::string text = "'";
    for (const char c : argument) text += c == '\'' ? "'\\''" : std::string(1, c);
    return text + "'";
}

inline std::string text_of(const std::string& path) {
    const test::byte_vector bytes = test::read_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The tool with these arguments and this standard input. `redirections` is shell text that goes after it,
/// `environment` (NAME=VALUE) before it.
inline outcome run(const std::vector<std::string>& arguments, const std::string& input = {},
                   const std::string& redirections = {}, const std::string& environment = {}) {
    const test::scratch_folder folder;
    test::write_file(folder.file("in"), std::as_bytes(std::span(input)));
    std::string command = environment + " " + quoted(UNLOOP_TOOL);
    for (const std::string& argument : arguments) command += " " + quoted(argument);
    command += " <" + quoted(folder.file("in")) + " >" + quoted(folder.file("out")) + " 2>" +
               quoted(folder.file("err")) + " " + redirections;
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(folder.file("out")), text_of(folder.file("err"))};
}

inline const std::string llama = test::golden("gguf/llama.bf16.gguf");
/// Small trained models that loop.
inline const std::string dense = test::golden("../../examples/models/dense");
inline const std::string mixture = test::golden("../../examples/models/mixture");

/// "2,7,9".
template <class Ids>
std::string listed(const Ids& ids) {
    std::string text;
    for (const auto id : ids) text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

}  // namespace tool

#endif
