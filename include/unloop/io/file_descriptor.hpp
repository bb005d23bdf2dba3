// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A POSIX file descriptor that closes itself, and errors that say what the system said.
#ifndef UNLOOP_IO_FILE_DESCRIPTOR_HPP
#define UNLOOP_IO_FILE_DESCRIPTOR_HPP

#include <fcntl.h>     // open
#include <sys/stat.h>  // fstat
#include <unistd.h>    // close
#include <unloop/core/error.hpp>

#include <cerrno>        // errno
#include <string>        // paths
#include <system_error>  // text of an errno
#include <utility>       // exchange

namespace unloop::inline v0 {

/// Throws "FILE: ACTION: text of `code`".
[[noreturn]] inline void throw_system_error(const std::string& file, const std::string& action, int code = errno) {
    throw error(file_place{file, {}, {}}, action + ": " + std::generic_category().message(code));
}

class file_descriptor {
  public:
    explicit file_descriptor(int number = -1) noexcept : number_(number) {}
    file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    file_descriptor& operator=(file_descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~file_descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

/// A regular file, open for reading, and what the system knows of it.
struct readable_file {
    file_descriptor descriptor;
    struct stat status;
};

/// Throws `error` when `path` is missing, unreadable or no regular file (a folder, a pipe, a device).
[[nodiscard]] inline readable_file open_for_reading(const std::string& path) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    readable_file file{file_descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)), {}};
    if (file.descriptor.number() < 0) throw_system_error(path, "cannot be opened for reading");
    if (::fstat(file.descriptor.number(), &file.status) != 0) throw_system_error(path, "cannot be examined");
    if (S_ISDIR(file.status.st_mode)) throw error(file_place{path, {}, {}}, "is a folder, not a file");
    if (!S_ISREG(file.status.st_mode)) throw error(file_place{path, {}, {}}, "is not a regular file");
    return file;
}

/// Whether `path` is a folder, or a link to one.
[[nodiscard]] inline bool is_folder(const std::string& path) noexcept {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Makes the entries of a folder durable. Throws `error`.
inline void sync_folder(const std::string& path) {
    const file_descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // Some file systems cannot sync a folder and say EINVAL; they have no stronger promise to give.
    if (folder.number() < 0 || (::fsync(folder.number()) != 0 && errno != EINVAL))
        throw_system_error(path, "cannot be synced to disk, though what was written is in its place");
}

}  // namespace unloop::inline v0

#endif
