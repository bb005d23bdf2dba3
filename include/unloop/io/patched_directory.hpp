// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A copy of a folder in which a few bytes of some files differ: how an edited checkpoint in shards reaches the disk.
#ifndef UNLOOP_IO_PATCHED_DIRECTORY_HPP
#define UNLOOP_IO_PATCHED_DIRECTORY_HPP

#include <unloop/io/atomic_folder.hpp>
#include <unloop/io/patched_copy.hpp>

#include <filesystem>    // folders
#include <map>           // patches by file
#include <set>           // files that were found
#include <string>        // paths
#include <system_error>  // failures
#include <vector>        // patches

namespace unloop::inline v0 {

/// By the name of a file, relative to its folder.
using patches_by_file = std::map<std::string, std::vector<byte_patch>>;

namespace detail {

/// From the root on, links resolved as far as the path exists. Throws `error`.
inline std::filesystem::path resolved(const std::string& path) {
    std::error_code fault;
    auto found = std::filesystem::absolute(path, fault);  // else libstdc++ leaves a path relative that does not exist
    if (!fault) found = std::filesystem::weakly_canonical(found, fault);
    if (fault) throw error(file_place{path, {}, {}}, "cannot be examined: " + fault.message());
    return found;
}

/// Throws `error` when the copy would lie in what is copied.
inline void check_outside(const std::string& source, const std::string& target) {
    const auto from = resolved(source), to = resolved(target);
    for (auto folder = to; folder.has_relative_path(); folder = folder.parent_path())
        if (folder == from) throw error(file_place{target, {}, {}}, "lies in the folder to be copied, " + source);
}

inline mode_t mode_of_folder(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) throw_system_error(path, "cannot be examined");
    return status.st_mode & 0777;
}

/// Everything in a folder, paths relative to it, a folder before what is in it. Links to files count as these files;
/// links to folders, which may lead round in circles, are refused.
inline std::vector<std::filesystem::path> files_and_folders(const std::string& source) {
    std::vector<std::filesystem::path> found;
    std::error_code fault;
    auto entry = std::filesystem::recursive_directory_iterator(source, fault);
    for (; !fault && entry != std::filesystem::recursive_directory_iterator(); entry.increment(fault)) {
        if (entry->is_symlink(fault) && is_folder(entry->path()))
            throw error(file_place{entry->path(), {}, {}}, "is a link to a folder, which is not copied");
        found.push_back(entry->path().lexically_relative(source));
    }
    if (fault) throw error(file_place{source, {}, {}}, "cannot be read: " + fault.message());
    return found;
}

}  // namespace detail

/// Writes folder `target`: files, subfolders and permissions of folder `source`, but for the patches. `target` must not
/// exist or be an empty folder; it appears whole or not at all (see `atomic_folder`). Files without patches share their
/// blocks with the source where the file system can clone; nothing is hard-linked, so that the two can be changed
/// apart. A link to a file becomes a file. Throws `error` when a patch names a file that is not there or lies outside
/// it, when `target` lies in `source`, when the progress sink, which sees each file copied, says stop, or when the
/// system refuses. O(bytes of the folder), far less where blocks are
/// shared.
template <class Progress = no_progress>
void write_patched_directory(const std::string& source, const patches_by_file& patches, const std::string& target,
                             Progress&& progress = {}) {
    if (!is_folder(source)) throw error(file_place{source, {}, {}}, "is no folder");
    detail::check_outside(source, target);
    const auto entries = detail::files_and_folders(source);
    const std::set<std::filesystem::path> names(entries.begin(), entries.end());
    for (const auto& [name, list] : patches)
        if (!names.contains(name)) throw error(file_place{source + "/" + name, {}, {}}, "there is no such file");

    atomic_folder made(target);
    std::vector<std::filesystem::path> folders;
    for (const auto& entry : entries) {
        const std::string from = source + "/" + entry.string(), to = made.path() + "/" + entry.string();
        const auto patch = patches.find(entry.string());
        if (!is_folder(from)) {
            write_patched_copy(from, patch == patches.end() ? std::vector<byte_patch>{} : patch->second, to, progress);
        } else {
            if (::mkdir(to.c_str(), 0700) != 0) throw_system_error(target, "no folder can be created in it");
            folders.push_back(entry);
        }
    }
    for (const auto& folder : folders) {
        const std::string to = made.path() + "/" + folder.string();
        if (::chmod(to.c_str(), detail::mode_of_folder(source + "/" + folder.string())) != 0)
            throw_system_error(target, "permissions cannot be set in it");
        sync_folder(to);
    }
    made.commit(detail::mode_of_folder(source));
}

}  // namespace unloop::inline v0

#endif
