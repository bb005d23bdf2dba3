// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads one key and its value from the start of a GGUF file.
#ifndef UNLOOP_IO_GGUF_ENTRY_HPP
#define UNLOOP_IO_GGUF_ENTRY_HPP

#include <unloop/io/byte_reader.hpp>
#include <unloop/io/gguf_metadata.hpp>

#include <algorithm>    // max, min
#include <cstdint>      // uint64_t
#include <string>       // keys, texts
#include <string_view>  // texts in the file
#include <type_traits>  // widening
#include <utility>      // move
#include <vector>       // lists

namespace unloop::inline v0::gguf::detail {

inline constexpr int deepest_list = 4;               // lists in lists; real files have no second level
inline constexpr std::uint64_t longest_key = 65535;  // the format's own limit
inline constexpr std::uint64_t most_key_bytes = std::uint64_t{1} << 27;  // of all keys; real files have some 16 MB
inline constexpr std::uint32_t list_type = 9;

/// What begins at `start` must end in the part of a file that keys may fill: a damaged count, held against the rest of
/// the file alone, could take tens of gigabytes of weights for values.
inline void check_key_bytes(const byte_reader& reader, std::uint64_t start, std::uint64_t end) {
    if (end > most_key_bytes)
        reader.fail_at(start, "the keys of a file take at most " + std::to_string(most_key_bytes) +
                                  " bytes, and this would end at " + std::to_string(end));
}

inline std::string read_text(byte_reader& reader) {
    const std::uint64_t start = reader.position();
    const std::string_view found = reader.text();
    check_key_bytes(reader, start, reader.position());
    return std::string(found);
}

/// A count, and as many values of at least `least_bytes` each, which `read_one()` reads.
template <class Value, class Read>
std::vector<Value> read_values(byte_reader& reader, std::uint64_t least_bytes, const char* what, const Read& read_one) {
    const std::uint64_t start = reader.position();
    const std::uint64_t count = reader.count(least_bytes, what);
    check_key_bytes(reader, start, reader.position() + count * least_bytes);
    std::vector<Value> values;
    while (values.size() < count) {
        // Room is made as values are read, since the count may be wrong, and in the end for no more than there are.
        if (values.size() == values.capacity())
            values.reserve(std::min<std::uint64_t>(count, std::max<std::uint64_t>(16, 2 * values.size())));
        values.push_back(read_one());
    }
    return values;
}

// The three kinds of scalars: how one is read, and how a list of them.

template <class Stored>
struct number_kind {
    using wide = std::conditional_t<std::is_floating_point_v<Stored>, double,
                                    std::conditional_t<std::is_signed_v<Stored>, std::int64_t, std::uint64_t>>;
    static metadata_value one(byte_reader& reader) { return {static_cast<wide>(reader.number<Stored>())}; }
    static metadata_value list(byte_reader& reader) {
        return {read_values<wide>(reader, sizeof(Stored), "numbers",
                                  [&] { return static_cast<wide>(reader.number<Stored>()); })};
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
        return {read_values<bool>(reader, 1, "booleans", [&] { return read(reader); })};
    }
};

struct string_kind {
    static metadata_value one(byte_reader& reader) { return {read_text(reader)}; }
    static metadata_value list(byte_reader& reader) {
        return {read_values<std::string>(reader, sizeof(std::uint64_t), "strings", [&] { return read_text(reader); })};
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
    return {read_values<metadata_value>(reader, sizeof type + sizeof(std::uint64_t), "lists",
                                        [&] { return read_list(reader, depth + 1); })};
}

/// Throws `error` when the bytes do not suffice, hold what the format does not know, or go beyond `most_key_bytes`. The
/// entry takes at most eight times the bytes that were read for it, and three times that while a list grows.
inline metadata_entry read_entry(byte_reader& reader) {
    const std::uint64_t start = reader.position();
    reader.set_subject({});
    const auto key = reader.text();
    if (key.empty() || key.size() > longest_key)
        reader.fail_at(start, "a key has 1 to " + std::to_string(longest_key) + " bytes");
    reader.set_subject(key);
    check_key_bytes(reader, start, reader.position());
    const auto type = reader.number<std::uint32_t>();
    if (type == list_type) return {std::string(key), start, read_list(reader, 1)};
    return {std::string(key), start, visit_scalar(type, reader, [&](auto kind) { return kind.one(reader); })};
}

}  // namespace unloop::inline v0::gguf::detail

#endif
