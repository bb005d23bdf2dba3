// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A file that appears whole or not at all: written under a temporary name, synced, then renamed.
#ifndef UNLOOP_IO_ATOMIC_FILE_HPP
#define UNLOOP_IO_ATOMIC_FILE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/io/file_descriptor.hpp>

#include <cerrno>   // errno
#include <cstddef>  // byte
#include <cstdint>  // uint64_t
#include <cstdio>   // rename
#include <span>     // bytes
#include <string>   // paths
#include <utility>  // move

namespace unloop::inline v0 {

/// Until `commit` returns, the target is what it was before; a destructor without `commit` removes the temporary file,
/// which lies in the target's folder (a killed process leaves it there, as ".unloop-PID-N.tmp").
/// Every member throws `error` naming the target.
class atomic_file {
  public:
    /// `mode` as for open(2): the process's umask applies. What is there and no regular file, or a link to such, stays.
    explicit atomic_file(std::string target, mode_t mode = 0666) : target_(std::move(target)) {
        const std::size_t slash = target_.rfind('/');
        folder_ = slash == std::string::npos ? "./" : target_.substr(0, slash + 1);
        struct stat status;
        if (::stat(target_.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
            throw error(file_place{target_, {}, {}}, std::string("is ") +
                                                         (S_ISDIR(status.st_mode) ? "a folder" : "no regular file") +
                                                         ", a file cannot take its place");
        const std::string stem = folder_ + ".unloop-" + std::to_string(::getpid()) + "-";
        for (std::uint64_t attempt = 0; descriptor_.number() < 0; ++attempt) {
            temporary_ = stem + std::to_string(attempt) + ".tmp";
            descriptor_ = file_descriptor(::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode));
            if (descriptor_.number() < 0 && errno != EEXIST)
                throw_system_error(target_, "no file can be created in its folder");
        }
    }
    atomic_file(const atomic_file&) = delete;
    atomic_file& operator=(const atomic_file&) = delete;
    ~atomic_file() {
        if (!committed_) ::unlink(temporary_.c_str());
    }

    [[nodiscard]] int number() const noexcept { return descriptor_.number(); }

    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const ::ssize_t written =
                ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<::off_t>(offset));
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw_system_error(target_, "cannot be written");
            offset += static_cast<std::uint64_t>(written);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }

    void set_mode(mode_t mode) {
        if (::fchmod(descriptor_.number(), mode) != 0) throw_system_error(target_, "its permissions cannot be set");
    }

    /// Makes the bytes durable, then puts them in the target's place. Once.
    void commit() {
        expects(!committed_, "atomic_file: commit is called once");
        if (::fsync(descriptor_.number()) != 0) throw_system_error(target_, "cannot be synced to disk");
        if (std::rename(temporary_.c_str(), target_.c_str()) != 0) throw_system_error(target_, "cannot be replaced");
        committed_ = true;
        sync_folder(folder_);
    }

  private:
    std::string target_;
    std::string folder_;
    std::string temporary_;
    file_descriptor descriptor_;
    bool committed_ = false;
};

}  // namespace unloop::inline v0

#endif
