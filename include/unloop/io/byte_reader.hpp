// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads numbers and texts from untrusted bytes: nothing is read past the end, and every refusal says where.
#ifndef UNLOOP_IO_BYTE_READER_HPP
#define UNLOOP_IO_BYTE_READER_HPP

#include <unloop/core/error.hpp>
#include <unloop/tensor/format.hpp>

#include <bit>          // endian
#include <cstddef>      // byte
#include <cstdint>      // uint64_t
#include <span>         // bytes
#include <string>       // names in errors
#include <string_view>  // texts
#include <utility>      // move

namespace unloop::inline v0 {

static_assert(std::endian::native == std::endian::little, "unloop reads little-endian files without swapping bytes");

/// A cursor over the start of a little-endian file. Every member that reads throws `error` with file, subject and
/// offset when the bytes do not suffice; nothing is allocated on the word of a count in the file.
class byte_reader {
  public:
    byte_reader(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), place_{std::move(file), {}, {}} {}

    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
    [[nodiscard]] std::uint64_t remaining() const noexcept { return bytes_.size() - position_; }
    /// The key or tensor that errors name from here on.
    void set_subject(std::string_view name) { place_.tensor = name; }

    template <class Number>
    [[nodiscard]] Number number() {
        return detail::load_unaligned<Number>(take(sizeof(Number)).data());
    }

    /// A count that is followed by at least `least_bytes` for each of what it counts.
    [[nodiscard]] std::uint64_t count(std::uint64_t least_bytes, const char* what) {
        const std::uint64_t start = position_;
        const auto found = number<std::uint64_t>();
        if (found > remaining() / least_bytes)
            fail_at(start, "the file is too short for " + std::to_string(found) + " " + what);
        return found;
    }

    /// A text preceded by its length in 64 bits. The view points into the bytes.
    [[nodiscard]] std::string_view text() {
        const auto found = take(count(1, "bytes of text"));
        return {reinterpret_cast<const char*>(found.data()), found.size()};
    }

    [[noreturn]] void fail_at(std::uint64_t offset, const std::string& message) const {
        throw error(file_place{place_.file, place_.tensor, offset}, message);
    }

  private:
    std::span<const std::byte> take(std::uint64_t bytes) {
        if (bytes > remaining())
            fail_at(position_, "the file ends too early, bytes missing: " + std::to_string(bytes - remaining()));
        const auto found = bytes_.subspan(position_, bytes);
        position_ += bytes;
        return found;
    }

    std::span<const std::byte> bytes_;
    file_place place_;
    std::uint64_t position_ = 0;
};

}  // namespace unloop::inline v0

#endif
