// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A copy of a file in which a few bytes differ: how an edited checkpoint reaches the disk.
#ifndef UNLOOP_IO_PATCHED_COPY_HPP
#define UNLOOP_IO_PATCHED_COPY_HPP

#if defined(__linux__)
#include <linux/fs.h>   // FICLONE
#include <sys/ioctl.h>  // ioctl
#endif
#include <unloop/core/progress.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/file_descriptor.hpp>

#include <algorithm>  // min, sort
#include <cstddef>    // byte
#include <cstdint>    // uint64_t
#include <span>       // patches
#include <string>     // paths
#include <vector>     // bytes of a patch

namespace unloop::inline v0 {

struct byte_patch {
    std::uint64_t offset = 0;      ///< from the start of the file
    std::vector<std::byte> bytes;  ///< what stands there afterwards
};

namespace detail {

inline void check_patches(std::span<const byte_patch> patches, std::uint64_t size, const std::string& file) {
    std::vector<const byte_patch*> order;
    for (const byte_patch& patch : patches) {
        if (patch.offset > size || patch.bytes.size() > size - patch.offset)
            throw error({file, {}, patch.offset}, "a patch goes beyond the end of the file");
        if (!patch.bytes.empty()) order.push_back(&patch);
    }
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (order[i]->offset < order[i - 1]->offset + order[i - 1]->bytes.size())
            throw error({file, {}, order[i]->offset}, "two patches overlap");
}

/// Tells how far a copy is, and throws `error` when the sink says stop.
template <class Progress>
void report_copied(Progress& progress, const std::string& source, std::uint64_t done, std::uint64_t size) {
    require_progress_sink<Progress>();
    constexpr std::uint64_t unit = 1000000;  // a person reads megabytes
    if (!progress(progress_event{"copy MB", static_cast<std::int64_t>(done / unit),
                                 static_cast<std::int64_t>((size + unit - 1) / unit)}))
        throw error({source, {}, done}, "copying was cancelled");
}

/// Lets the system copy, sharing the blocks on disk where the file system can. Returns how many bytes are done; what
/// it cannot do is left to `copy_plainly`, which also reports errors.
template <class Progress>
std::uint64_t copy_by_system([[maybe_unused]] const std::string& source, [[maybe_unused]] int from,
                             [[maybe_unused]] int to, [[maybe_unused]] std::uint64_t size,
                             [[maybe_unused]] Progress& progress) {
    std::uint64_t done = 0;
#if defined(__linux__)
    if (::ioctl(to, FICLONE, from) == 0) return size;
    constexpr std::uint64_t step = std::uint64_t{1} << 26;  // 64 MiB: some 50 ms on a fast disk
    while (done < size) {
        report_copied(progress, source, done, size);
        auto from_offset = static_cast<::off64_t>(done);
        auto to_offset = from_offset;
        const ::ssize_t copied = ::copy_file_range(from, &from_offset, to, &to_offset, std::min(size - done, step), 0);
        if (copied <= 0) break;
        done += static_cast<std::uint64_t>(copied);
    }
#endif
    return done;
}

/// Bytes [done, size).
template <class Progress>
void copy_plainly(const std::string& source, int from, atomic_file& to, std::uint64_t done, std::uint64_t size,
                  Progress& progress) {
    std::vector<std::byte> buffer(done < size ? std::size_t{1} << 20 : 0);
    while (done < size) {
        report_copied(progress, source, done, size);
        const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), size - done);
        const ::ssize_t read = ::pread(from, buffer.data(), wanted, static_cast<::off_t>(done));
        if (read < 0 && errno == EINTR) continue;
        if (read < 0) throw_system_error(source, "cannot be read");
        if (read == 0) throw error({source, {}, done}, "became shorter while it was copied");
        to.write_at(done, std::span<const std::byte>(buffer.data(), static_cast<std::size_t>(read)));
        done += static_cast<std::uint64_t>(read);
    }
}

}  // namespace detail

/// Writes `target`: the bytes and permissions of `source`, but for the patches. `target` is replaced if it exists, and
/// is whole or untouched whatever happens (see `atomic_file`); a symbolic link is replaced, not followed. Throws
/// `error` when a patch lies outside the file or overlaps another, when both paths name one file, when the system
/// refuses, or when the progress sink says stop. O(bytes of the file), far less where the file system shares blocks.
template <class Progress = no_progress>
void write_patched_copy(const std::string& source, std::span<const byte_patch> patches, const std::string& target,
                        Progress&& progress = {}) {
    const readable_file from = open_for_reading(source);
    const auto size = static_cast<std::uint64_t>(from.status.st_size);
    detail::check_patches(patches, size, source);
    struct stat status;
    if (::stat(target.c_str(), &status) == 0 && status.st_dev == from.status.st_dev &&
        status.st_ino == from.status.st_ino)
        throw error(file_place{target, {}, {}}, "is the file to be copied; a copy needs another name");

    atomic_file to(target, 0600);  // nobody else reads it before it has the source's permissions
    const int number = from.descriptor.number();
    const std::uint64_t done = detail::copy_by_system(source, number, to.number(), size, progress);
    detail::copy_plainly(source, number, to, done, size, progress);
    for (const byte_patch& patch : patches) to.write_at(patch.offset, patch.bytes);
    to.set_mode(from.status.st_mode & 0777);
    to.commit();
}

}  // namespace unloop::inline v0

#endif
