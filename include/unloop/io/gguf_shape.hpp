// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Sizes among the keys of a GGUF file, with the checks that make a hostile file harmless.
#ifndef UNLOOP_IO_GGUF_SHAPE_HPP
#define UNLOOP_IO_GGUF_SHAPE_HPP

#include <unloop/io/checkpoint.hpp>
#include <unloop/io/gguf.hpp>

#include <cmath>        // isfinite
#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <optional>     // offsets
#include <string>       // keys
#include <string_view>  // keys
#include <utility>      // move
#include <variant>      // kinds of values
#include <vector>       // values by layer

namespace unloop::inline v0::gguf::detail {

/// Keys of one architecture. Every member throws `error` naming file and key.
class shape_reader {
  public:
    shape_reader(const checkpoint& file, std::string architecture)
        : file_(file), prefix_(std::move(architecture) + ".") {}

    /// A count from 1 to `most`; `fallback` 0 means that the key must be there.
    [[nodiscard]] std::size_t count(std::string_view key, std::uint64_t most = largest_size,
                                    std::uint64_t fallback = 0) const {
        const std::string name = prefix_ + std::string(key);
        const auto value = fallback == 0 ? file_.metadata().get<std::uint64_t>(name)
                                         : file_.metadata().get_or<std::uint64_t>(name, fallback);
        if (value < 1 || value > most) refuse(key, "must be from 1 to " + std::to_string(most));
        return static_cast<std::size_t>(value);
    }
    /// A count that may be 0, and is where the key is absent.
    [[nodiscard]] std::size_t count_or_none(std::string_view key, std::uint64_t most = largest_size) const {
        const auto value = file_.metadata().get_or<std::uint64_t>(name(key), 0);
        if (value > most) refuse(key, "must be from 0 to " + std::to_string(most));
        return static_cast<std::size_t>(value);
    }
    /// One count a layer: a list of `layers` of them, or one number for all.
    [[nodiscard]] std::vector<std::size_t> counts(std::string_view key, std::size_t layers) const {
        const metadata_entry* const entry = file_.metadata().find(name(key));
        if (entry == nullptr || (!std::holds_alternative<std::vector<std::uint64_t>>(entry->value.held) &&
                                 !std::holds_alternative<std::vector<std::int64_t>>(entry->value.held)))
            return std::vector<std::size_t>(layers, count(key));
        const auto list = file_.metadata().get<std::vector<std::uint64_t>>(name(key));
        if (list.size() != layers)
            refuse(key, "has " + std::to_string(list.size()) + " entries for " + std::to_string(layers) + " layers");
        for (const std::uint64_t value : list)
            if (value < 1 || value > largest_size)
                refuse(key, "each entry must be from 1 to " + std::to_string(largest_size));
        return {list.begin(), list.end()};
    }
    [[nodiscard]] float positive(std::string_view key, float fallback = 0) const {
        const float value = fallback == 0 ? file_.metadata().get<float>(name(key))
                                          : file_.metadata().get_or<float>(name(key), fallback);
        if (!(value > 0) || !std::isfinite(value)) refuse(key, "must be positive");
        return value;
    }
    [[noreturn]] void refuse(std::string_view key, const std::string& why) const {
        const metadata_entry* const entry = file_.metadata().find(name(key));
        throw error({file_.path(), name(key), entry ? std::optional(entry->offset) : std::nullopt}, why);
    }
    [[nodiscard]] std::string name(std::string_view key) const { return prefix_ + std::string(key); }
    [[nodiscard]] bool has(std::string_view key) const { return file_.metadata().find(name(key)) != nullptr; }

  private:
    const checkpoint& file_;
    std::string prefix_;
};

/// Rows of the embedding's table; 0 when it has no dimensions.
[[nodiscard]] inline std::size_t rows_of(const stored_tensor& table) noexcept {
    return table.shape.empty() ? 0 : static_cast<std::size_t>(table.shape.front());
}

}  // namespace unloop::inline v0::gguf::detail

#endif
