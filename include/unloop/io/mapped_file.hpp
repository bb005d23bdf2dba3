// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A file in memory: mapped, so that only what is read is loaded, and private, so that an edit stays in this process.
#ifndef UNLOOP_IO_MAPPED_FILE_HPP
#define UNLOOP_IO_MAPPED_FILE_HPP

#include <sys/mman.h>  // mmap
#include <unloop/io/file_descriptor.hpp>

#include <cstddef>  // byte
#include <cstdint>  // uintmax_t
#include <limits>   // largest size_t
#include <memory>   // shared_ptr
#include <span>     // bytes
#include <string>   // path
#include <utility>  // move

namespace unloop::inline v0 {

/// The bytes of a file. Copies share one mapping, which lives as long as the last of them. Writing to it copies the
/// touched pages (4 KiB or so each) and never reaches the file. Another process must not shorten the file meanwhile:
/// touching a page that is gone ends the program with SIGBUS.
class mapped_file {
  public:
    /// Throws `error` when the file is missing, unreadable, empty or no regular file. O(1), whatever the size.
    explicit mapped_file(std::string path) : path_(std::move(path)) {
        const readable_file file = open_for_reading(path_);
        const auto size = static_cast<std::uintmax_t>(file.status.st_size);
        if (size == 0) throw error(file_place{path_, {}, {}}, "is empty");
        if (size > std::numeric_limits<std::size_t>::max())
            throw error(file_place{path_, {}, {}}, "is larger than the address space");
        size_ = static_cast<std::size_t>(size);
        // MAP_NORESERVE: a file larger than memory may be mapped, because few of its pages will be written to.
        void* const address =
            ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.descriptor.number(), 0);
        if (address == MAP_FAILED) throw_system_error(path_, "cannot be mapped");
        data_ = std::shared_ptr<std::byte>(static_cast<std::byte*>(address),
                                           [size = size_](std::byte* data) { ::munmap(data, size); });
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }
    /// The same bytes, seen by all copies of this object; changes last as long as the mapping.
    [[nodiscard]] std::span<std::byte> writable() noexcept { return {data_.get(), size_}; }

  private:
    std::string path_;
    std::size_t size_ = 0;
    std::shared_ptr<std::byte> data_;
};

}  // namespace unloop::inline v0

#endif
