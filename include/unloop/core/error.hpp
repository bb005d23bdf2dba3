// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What is thrown on bad input: one type, whose text names the file, the tensor and the offset as far as they are known.
#ifndef UNLOOP_CORE_ERROR_HPP
#define UNLOOP_CORE_ERROR_HPP

#include <cstdint>    // uint64_t
#include <optional>   // an offset that may be unknown
#include <stdexcept>  // runtime_error
#include <string>     // the message

namespace unloop::inline v0 {

/// Where in a file something is wrong; empty members are unknown or do not apply.
struct file_place {
    std::string file;                     ///< path as the user gave it
    std::string tensor;                   ///< tensor (or metadata key) concerned
    std::optional<std::uint64_t> offset;  ///< byte offset from the start of the file
};

/// Bad input: a file, a plan, a prompt, an argument. Thrown by loading, `io`, `edit` and whatever reads what users
/// wrote.
class error : public std::runtime_error {
  public:
    explicit error(const std::string& message) : std::runtime_error(message) {}
    /// "FILE: tensor 'NAME' at offset N: MESSAGE", the unknown parts left out.
    error(const file_place& place, const std::string& message)
        : std::runtime_error(describe(place) + message), place_(place) {}

    [[nodiscard]] const file_place& place() const noexcept { return place_; }

  private:
    static std::string describe(const file_place& place) {
        std::string text;
        if (!place.file.empty()) text += place.file + ": ";
        if (!place.tensor.empty()) text += "'" + place.tensor + "'";
        if (place.offset) text += (place.tensor.empty() ? "at offset " : " at offset ") + std::to_string(*place.offset);
        if (!place.tensor.empty() || place.offset) text += ": ";
        return text;
    }

    file_place place_;
};

}  // namespace unloop::inline v0

#endif
