// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Writes named arrays of numbers as a safetensors file that other software reads.
#ifndef UNLOOP_IO_SAFETENSORS_WRITER_HPP
#define UNLOOP_IO_SAFETENSORS_WRITER_HPP

#include <unloop/core/expects.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/name_index.hpp>
#include <unloop/io/stored_tensor.hpp>
#include <unloop/io/utf8.hpp>

#include <cstddef>      // byte
#include <cstdint>      // int32_t
#include <span>         // values
#include <string>       // header
#include <string_view>  // names
#include <vector>       // arrays

namespace unloop::inline v0::safetensors {

namespace detail {

/// `text` as a JSON string, quotes included.
inline void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        if (code >= 0x20)
            out += c;
        else
            out.append("\\u00").append(1, digits[code >> 4]).append(1, digits[code & 15U]);
    }
    out += '"';
}

[[nodiscard]] inline bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const utf8_step step = decode_utf8(text, at);
        if (step.status != utf8_status::complete) return false;
        at += step.length;
    }
    return true;
}

}  // namespace detail

/// Collects arrays, then writes them at once, in the order added. Values are not copied: they must live until `write`.
class writer {
  public:
    /// `shape` is row-major and its product is `values.size()`. Throws `error` when the name is taken, reserved
    /// ("__metadata__") or not UTF-8.
    void add(std::string_view name, std::vector<std::uint64_t> shape, std::span<const float> values) {
        append(name, "F32", std::move(shape), values.size(), std::as_bytes(values));
    }
    void add(std::string_view name, std::vector<std::uint64_t> shape, std::span<const std::int32_t> values) {
        append(name, "I32", std::move(shape), values.size(), std::as_bytes(values));
    }

    /// The whole file or nothing, see `atomic_file`. Data begin at a multiple of 8. Throws `error`.
    void write(const std::string& path) const {
        std::string header = describe();
        header.resize((header.size() + 7) / 8 * 8, ' ');
        const auto length = static_cast<std::uint64_t>(header.size());
        atomic_file file(path);
        file.write_at(0, std::as_bytes(std::span(&length, 1)));
        file.write_at(sizeof length, std::as_bytes(std::span(header)));
        std::uint64_t offset = sizeof length + length;
        for (const array& one : arrays_) {
            file.write_at(offset, one.bytes);
            offset += one.bytes.size();
        }
        file.commit();
    }

  private:
    struct array {
        std::string name;
        std::string_view type;
        std::vector<std::uint64_t> shape;
        std::span<const std::byte> bytes;
    };

    void append(std::string_view name, std::string_view type, std::vector<std::uint64_t> shape, std::size_t values,
                std::span<const std::byte> bytes) {
        expects(count_values(shape) == values, "safetensors::writer: the shape's product is the number of values");
        if (name == "__metadata__" || !detail::is_utf8(name))
            throw error({{}, std::string(name), {}}, "a tensor in a safetensors file cannot have this name");
        if (!index_.insert(std::string(name), arrays_.size()))
            throw error({{}, std::string(name), {}}, "two tensors cannot have one name");
        arrays_.push_back({std::string(name), type, std::move(shape), bytes});
    }

    [[nodiscard]] std::string describe() const {
        std::string header = "{";
        std::uint64_t offset = 0;
        for (const array& one : arrays_) {
            if (header.size() > 1) header += ',';
            detail::append_quoted(header, one.name);
            header.append(":{\"dtype\":\"").append(one.type).append("\",\"shape\":[");
            for (std::size_t i = 0; i < one.shape.size(); ++i)
                header.append(i > 0 ? "," : "").append(std::to_string(one.shape[i]));
            header.append("],\"data_offsets\":[").append(std::to_string(offset)).append(",");
            offset += one.bytes.size();
            header.append(std::to_string(offset)).append("]}");
        }
        return header + "}";
    }

    std::vector<array> arrays_;
    name_index index_;
};

}  // namespace unloop::inline v0::safetensors

#endif
