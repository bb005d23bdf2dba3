// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A folder that appears whole or not at all: filled under a temporary name, synced, then renamed.
#ifndef UNLOOP_IO_ATOMIC_FOLDER_HPP
#define UNLOOP_IO_ATOMIC_FOLDER_HPP

#include <unloop/core/expects.hpp>
#include <unloop/io/file_descriptor.hpp>

#include <cerrno>        // errno
#include <cstdint>       // uint64_t
#include <cstdio>        // rename
#include <filesystem>    // remove_all
#include <string>        // paths
#include <system_error>  // failures of the clean-up
#include <utility>       // move

namespace unloop::inline v0 {

/// Until `commit` returns there is no target; a destructor without `commit` removes what was made, which lies beside
/// the target (a killed process leaves it there, as ".unloop-PID-N.tmp"). Every member throws `error`.
class atomic_folder {
  public:
    /// `target` must not exist, or be an empty folder, which is replaced.
    explicit atomic_folder(std::string target) : target_(std::move(target)) {
        while (target_.size() > 1 && target_.ends_with('/')) target_.pop_back();
        std::error_code fault;
        const auto found = std::filesystem::symlink_status(target_, fault);
        if (std::filesystem::exists(found) && !std::filesystem::is_directory(found))
            throw error(file_place{target_, {}, {}},
                        "exists and is no folder; the copy of a folder needs another name");
        if (std::filesystem::exists(found) && !std::filesystem::is_empty(target_, fault))
            throw error(file_place{target_, {}, {}},
                        "exists and is not empty; the copy of a folder needs another name");
        const std::size_t slash = target_.rfind('/');
        parent_ = slash == std::string::npos ? "./" : target_.substr(0, slash + 1);
        const std::string stem = parent_ + ".unloop-" + std::to_string(::getpid()) + "-";
        for (std::uint64_t attempt = 0; path_.empty(); ++attempt) {
            const std::string name = stem + std::to_string(attempt) + ".tmp";
            if (::mkdir(name.c_str(), 0700) == 0)  // nobody else looks into it before it is whole
                path_ = name;
            else if (errno != EEXIST)
                throw_system_error(target_, "no folder can be created beside it");
        }
    }
    atomic_folder(const atomic_folder&) = delete;
    atomic_folder& operator=(const atomic_folder&) = delete;
    ~atomic_folder() {
        std::error_code ignored;
        if (!committed_) std::filesystem::remove_all(path_, ignored);
    }

    /// Where files are to be put, synced.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Gives it its permissions and puts it in the target's place. Once.
    void commit(mode_t mode) {
        expects(!committed_, "atomic_folder: commit is called once");
        if (::chmod(path_.c_str(), mode) != 0) throw_system_error(target_, "its permissions cannot be set");
        sync_folder(path_);
        if (std::rename(path_.c_str(), target_.c_str()) != 0) throw_system_error(target_, "cannot be replaced");
        committed_ = true;
        sync_folder(parent_);
    }

  private:
    std::string target_;
    std::string parent_;
    std::string path_;
    bool committed_ = false;
};

}  // namespace unloop::inline v0

#endif
