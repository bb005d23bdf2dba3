// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Standard output whose failures are not lost, and input from files and pipes.
#ifndef UNLOOP_EXAMPLES_CONSOLE_HPP
#define UNLOOP_EXAMPLES_CONSOLE_HPP

#include <boost/json/value.hpp>  // documents

#include <cstddef>      // size_t
#include <cstdio>       // FILE
#include <string>       // input
#include <string_view>  // output

namespace tool {

/// To standard output, or to `out`, which is that or standard error. Throws `unloop::error` when it cannot be written.
void print(std::string_view text, std::FILE* out = stdout);

/// Everything printed has reached its place, or `unloop::error`.
void finish_output();

/// All of a file, a pipe, or standard input for "-". Throws `unloop::error`.
[[nodiscard]] std::string read_input(const std::string& path);
/// The same as one JSON document, read strictly.
[[nodiscard]] boost::json::value read_json(const std::string& path);

/// As many as the machine runs at once, at least 1.
[[nodiscard]] std::size_t default_threads() noexcept;

}  // namespace tool

#endif
