// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Standard output whose failures are not lost, and input from files and pipes.
#include "console.hpp"

#include <fcntl.h>   // open
#include <unistd.h>  // read
#include <unloop/io/file_descriptor.hpp>
#include <unloop/io/strict_json.hpp>

#include <algorithm>  // clamp
#include <iostream>   // what --help writes
#include <thread>     // hardware_concurrency

namespace tool {

namespace {

std::string read_all(int descriptor, const std::string& name) {
    std::string text;
    for (constexpr std::size_t step = std::size_t{1} << 20;;) {
        const std::size_t size = text.size();
        text.resize(size + step);
        const ::ssize_t got = ::read(descriptor, text.data() + size, step);
        text.resize(size + static_cast<std::size_t>(std::max<::ssize_t>(got, 0)));
        if (got == 0) return text;
        if (got < 0 && errno != EINTR) unloop::throw_system_error(name, "cannot be read");
    }
}

}  // namespace

void print(std::string_view text, std::FILE* out) {
    // Flushed at once: a long run that is piped or logged shows how far it is.
    if (std::fwrite(text.data(), 1, text.size(), out) != text.size() || std::fflush(out) != 0)
        unloop::throw_system_error(out == stdout ? "standard output" : "standard error", "cannot be written");
}

void finish_output() {
    if (!std::cout.flush() || std::fflush(stdout) != 0)
        unloop::throw_system_error("standard output", "cannot be written");
}

std::string read_input(const std::string& path) {
    if (path == "-") return read_all(STDIN_FILENO, "standard input");
    const unloop::file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) unloop::throw_system_error(path, "cannot be opened for reading");
    return read_all(file.number(), path);
}

boost::json::value read_json(const std::string& path) { return unloop::parse_json(read_input(path), {path, {}, {}}); }

std::size_t default_threads() noexcept { return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 255); }

}  // namespace tool
