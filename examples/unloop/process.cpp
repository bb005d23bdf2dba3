// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Runs this program once more, in a process of its own.
#include "process.hpp"

#include <fcntl.h>     // O_WRONLY
#include <spawn.h>     // posix_spawn
#include <sys/wait.h>  // waitpid
#include <unistd.h>    // environ
#include <unloop/core/error.hpp>

namespace tool {

void run_tool(const std::vector<std::string>& arguments, const std::string& output) {
    const char* const self = "/proc/self/exe";  // this very program, even when its file has been replaced meanwhile
    std::vector<std::string> words{"unloop"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> raw;
    for (std::string& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    ::posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::pid_t child = 0;
    const int failed = ::posix_spawn(&child, self, &actions, nullptr, raw.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (failed != 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw unloop::error("'unloop " + arguments.front() + "' failed; what it said stands above");
}

}  // namespace tool
