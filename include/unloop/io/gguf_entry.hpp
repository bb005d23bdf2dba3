// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads one key and its value from the start of a GGUF file.
#ifndef UNLOOP_IO_GGUF_ENTRY_HPP
#define UNLOOP_IO_GGUF_ENTRY_HPP

#include <unloop/io/byte_reader.hpp>
#include <unloop/io/gguf_metadata.hpp>

#include <cstdint>      // uint64_t
#include <string>       // keys, texts
#include <type_traits>  // widening
#include <utility>      // move
#include <vector>       // lists

namespace unloop::inline v0::gguf::detail {

inline constexpr int deepest_list = 4;               // lists in lists; real files have no second level
inline constexpr std::uint64_t longest_key = 65535;  // the format's own limit
inline constexpr std::uint32_t list_type = 9;

// The three kinds of scalars: how one is read, and how a list of them.

template <class Stored>
struct number_kind {
    using wide = std::conditional_t<std::is_floating_point_v<Stored>, double,
                                    std::conditional_t<std::is_signed_v<Stored>, std::int64_t, std::uint64_t>>;
    static metadata_value one(byte_reader& reader) { return {static_cast<wide>(reader.number<Stored>())}; }
    static metadata_value list(byte_reader& reader) {
        std::vector<wide> values(reader.count(sizeof(Stored), "numbers"));
        for (wide& value : values) value = static_cast<wide>(reader.number<Stored>());
        return {std::move(values)};
    }
};

struct boolean_kind {
    static bool read(byte_reader& reader) {
        const auto byte = reader.number<std::uint8_t>();
        if (byte > 1) reader.fail_at(reader.position() - 1, "a boolean is 0 or 1, not " + std::to_string(byte));
        return byte == 1;
    }
    static metadata_value one(byte_reader& reader) { return {read(reader)}; }
    static metadata_value list(byte_reader& reader) {
        std::vector<bool> values(reader.count(1, "booleans"));
        for (auto value : values) value = read(reader);
        return {std::move(values)};
    }
};

struct string_kind {
    static metadata_value one(byte_reader& reader) { return {std::string(reader.text())}; }
    static metadata_value list(byte_reader& reader) {
        std::vector<std::string> values(reader.count(sizeof(std::uint64_t), "strings"));
        for (std::string& value : values) value = reader.text();
        return {std::move(values)};
    }
};

/// Calls `visit` with the kind that the file's number `type` stands for.
template <class Visitor>
metadata_value visit_scalar(std::uint32_t type, const byte_reader& reader, Visitor&& visit) {
    switch (type) {
        case 0:
            return visit(number_kind<std::uint8_t>{});
        case 1:
            return visit(number_kind<std::int8_t>{});
        case 2:
            return visit(number_kind<std::uint16_t>{});
        case 3:
            return visit(number_kind<std::int16_t>{});
        case 4:
            return visit(number_kind<std::uint32_t>{});
        case 5:
            return visit(number_kind<std::int32_t>{});
        case 6:
            return visit(number_kind<float>{});
        case 7:
            return visit(boolean_kind{});
        case 8:
            return visit(string_kind{});
        case 10:
            return visit(number_kind<std::uint64_t>{});
        case 11:
            return visit(number_kind<std::int64_t>{});
        case 12:
            return visit(number_kind<double>{});
        default:
            reader.fail_at(reader.position() - sizeof type, "no type of value has the number " + std::to_string(type));
    }
}

inline metadata_value read_list(byte_reader& reader, int depth) {
    const auto type = reader.number<std::uint32_t>();
    if (type != list_type) return visit_scalar(type, reader, [&](auto kind) { return kind.list(reader); });
    if (depth == deepest_list) reader.fail_at(reader.position() - sizeof type, "lists are nested too deeply");
    std::vector<metadata_value> lists(reader.count(sizeof type + sizeof(std::uint64_t), "lists"));
    for (metadata_value& list : lists) list = read_list(reader, depth + 1);
    return {std::move(lists)};
}

/// Throws `error` when the bytes do not suffice or hold what the format does not know. Memory is at most eight times
/// the bytes read.
inline metadata_entry read_entry(byte_reader& reader) {
    const std::uint64_t start = reader.position();
    reader.set_subject({});
    const auto key = reader.text();
    if (key.empty() || key.size() > longest_key)
        reader.fail_at(start, "a key has 1 to " + std::to_string(longest_key) + " bytes");
    reader.set_subject(key);
    const auto type = reader.number<std::uint32_t>();
    if (type == list_type) return {std::string(key), start, read_list(reader, 1)};
    return {std::string(key), start, visit_scalar(type, reader, [&](auto kind) { return kind.one(reader); })};
}

}  // namespace unloop::inline v0::gguf::detail

#endif
