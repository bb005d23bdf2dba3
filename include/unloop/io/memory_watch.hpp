// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How much memory a piece of work takes at most, as the operating system counts it.
#ifndef UNLOOP_IO_MEMORY_WATCH_HPP
#define UNLOOP_IO_MEMORY_WATCH_HPP

#include <sys/resource.h>  // getrusage

#include <cstddef>  // size_t
#include <cstdio>   // /proc
#include <cstdlib>  // strtoul
#include <cstring>  // lines

namespace unloop::inline v0 {

/// Watches the process from its construction on: the most resident memory since then, less what was resident then.
/// On Linux the process's own high-water mark is reset; elsewhere only growth beyond every earlier mark is seen. Memory
/// that was freed before and is used again does not show, so the number is a lower bound. One at a time.
class memory_watch {
  public:
    memory_watch() {
        if (std::FILE* const marks = std::fopen("/proc/self/clear_refs", "w")) {
            std::fputs("5", marks);
            std::fclose(marks);
        }
        before_ = status("VmRSS:");
        if (before_ == 0) before_ = highest();
    }
    /// Bytes.
    [[nodiscard]] std::size_t bytes() const {
        const std::size_t peak = status("VmHWM:"), now = peak == 0 ? highest() : peak;
        return now > before_ ? now - before_ : 0;
    }

  private:
    /// Of /proc/self/status, in bytes; 0 where there is none.
    [[nodiscard]] static std::size_t status(const char* key) noexcept {
        std::FILE* const file = std::fopen("/proc/self/status", "r");
        if (file == nullptr) return 0;
        unsigned long kilobytes = 0;
        char line[256];
        while (std::fgets(line, sizeof line, file) != nullptr)
            if (std::strncmp(line, key, std::strlen(key)) == 0)
                kilobytes = std::strtoul(line + std::strlen(key), nullptr, 10);
        std::fclose(file);
        return std::size_t{kilobytes} * 1024;
    }
    [[nodiscard]] static std::size_t highest() noexcept {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
    }

    std::size_t before_ = 0;
};

}  // namespace unloop::inline v0

#endif
