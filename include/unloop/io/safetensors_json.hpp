// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Opens a safetensors file: its tensors, checked as if an adversary had written them; the data stay mapped.
#ifndef UNLOOP_IO_SAFETENSORS_JSON_HPP
#define UNLOOP_IO_SAFETENSORS_JSON_HPP

#include <unloop/io/byte_reader.hpp>
#include <unloop/io/strict_json.hpp>
#include <unloop/io/tensor_file.hpp>

#include <algorithm>    // stable_sort
#include <array>        // types
#include <cstdint>      // uint64_t
#include <limits>       // largest count of bits
#include <optional>     // types that cannot be computed with
#include <span>         // bytes
#include <string>       // names
#include <string_view>  // names
#include <utility>      // pair
#include <vector>       // tensors

namespace unloop::inline v0::safetensors {

/// Free text about the file, key and value.
using file_notes = std::vector<std::pair<std::string, std::string>>;

/// What stands in a file before the data.
struct contents {
    file_notes notes;                    ///< "__metadata__"
    std::vector<stored_tensor> tensors;  ///< in the order of their data; offsets from the start of the file
};

namespace detail {

struct number_type {
    std::string_view name;
    std::uint64_t bits;
    std::optional<number_format> format;
};

/// Source: enum Dtype of the safetensors package, 0.8.
inline constexpr std::array number_types{
    number_type{"BOOL", 8, {}},
    number_type{"F4", 4, {}},
    number_type{"F6_E2M3", 6, {}},
    number_type{"F6_E3M2", 6, {}},
    number_type{"U8", 8, {}},
    number_type{"I8", 8, {}},
    number_type{"F8_E5M2", 8, {}},
    number_type{"F8_E4M3", 8, {}},
    number_type{"F8_E8M0", 8, {}},
    number_type{"F8_E4M3FNUZ", 8, {}},
    number_type{"F8_E5M2FNUZ", 8, {}},
    number_type{"I16", 16, {}},
    number_type{"U16", 16, {}},
    number_type{"F16", 16, number_format::f16},
    number_type{"BF16", 16, number_format::bf16},
    number_type{"I32", 32, {}},
    number_type{"U32", 32, {}},
    number_type{"F32", 32, number_format::f32},
    number_type{"C64", 64, {}},
    number_type{"F64", 64, {}},
    number_type{"I64", 64, {}},
    number_type{"U64", 64, {}},
};

inline constexpr std::uint64_t longest_header = 100'000'000;  // the package's own limit
inline constexpr std::uint64_t header_start = sizeof(std::uint64_t);

/// Where the data lie in the file.
struct data_range {
    std::uint64_t start;
    std::uint64_t bytes;
};

/// `key` of `entry` as a list of integers that are not negative.
inline std::vector<std::uint64_t> read_list(const boost::json::object& entry, const char* key,
                                            const file_place& place) {
    const boost::json::value* const list = entry.if_contains(key);
    if (list == nullptr || !list->is_array()) throw error(place, std::string(key) + " must be a list");
    std::vector<std::uint64_t> numbers;
    for (const boost::json::value& element : list->get_array()) {
        const auto number = as_unsigned(element);
        if (!number) throw error(place, std::string(key) + " must be a list of integers that are not negative");
        numbers.push_back(*number);
    }
    return numbers;
}

inline const number_type& read_type(const boost::json::object& entry, const file_place& place) {
    const boost::json::value* const name = entry.if_contains("dtype");
    if (name == nullptr || !name->is_string()) throw error(place, "dtype must be a string");
    for (const number_type& type : number_types)
        if (type.name == std::string_view(name->get_string())) return type;
    throw error(place, "no type of number is called '" + std::string(name->get_string()) + "'");
}

inline stored_tensor read_tensor(const boost::json::value& value, file_place place, data_range data) {
    const boost::json::object* const entry = value.if_object();
    if (entry == nullptr) throw error(place, "a tensor must be described by an object");
    const number_type& type = read_type(*entry, place);
    std::vector<std::uint64_t> shape = read_list(*entry, "shape", place);
    const std::vector<std::uint64_t> ends = read_list(*entry, "data_offsets", place);
    if (ends.size() != 2) throw error(place, "data_offsets must be two numbers");
    if (ends[0] > ends[1]) throw error(place, "data_offsets end before they begin");
    if (ends[1] > data.bytes)
        throw error(place, "the data end at " + std::to_string(ends[1]) + " of " + std::to_string(data.bytes) +
                               " bytes that the file has");
    place.offset = data.start + ends[0];
    const auto values = count_values(shape);
    if (!values || *values > std::numeric_limits<std::uint64_t>::max() / type.bits)
        throw error(place, "the tensor has more bytes than can be counted");
    if (*values * type.bits % 8 != 0 || *values * type.bits / 8 != ends[1] - ends[0])
        throw error(place, "shape and dtype ask for " + std::to_string(*values * type.bits) +
                               " bits, the offsets give " + std::to_string(ends[1] - ends[0]) + " bytes");
    return {place.tensor, std::move(shape), std::string(type.name), type.format, *place.offset, ends[1] - ends[0]};
}

inline file_notes read_notes(const boost::json::value& value, const file_place& place) {
    const boost::json::object* const entries = value.if_object();
    if (entries == nullptr) throw error(place, "must be an object");
    file_notes notes;
    for (const auto& [key, text] : *entries) {
        if (!text.is_string()) throw error(place, "'" + std::string(key) + "' must be a string");
        notes.emplace_back(std::string(key), std::string(text.get_string()));
    }
    return notes;
}

/// Every byte of the data belongs to exactly one tensor; `tensors` are sorted by offset.
inline void refuse_holes(std::span<const stored_tensor> tensors, data_range data, const std::string& file) {
    std::uint64_t end = data.start;
    for (const stored_tensor& tensor : tensors) {
        if (tensor.offset != end)
            throw error(
                {file, tensor.name, tensor.offset},
                std::string(tensor.offset < end ? "the data overlap those" : "the data leave a hole after those") +
                    " of the tensor before, which end at " + std::to_string(end));
        end += tensor.bytes;
    }
    if (end != data.start + data.bytes) throw error({file, {}, end}, "the file goes on after the last tensor");
}

}  // namespace detail

/// Reads what stands before the data; `file` is named in errors. Throws `error` on anything that the format does not
/// allow, naming tensor and offset: of the data where they are at fault, of the header (8) where the entry is.
/// Source: the format section of the safetensors package's documentation, and its own checks.
[[nodiscard]] inline contents parse(std::span<const std::byte> bytes, const std::string& file) {
    byte_reader reader(bytes, file);
    const std::string_view header = reader.text();
    if (header.size() > detail::longest_header) reader.fail_at(0, "the header is longer than the format allows");
    if (!header.starts_with('{')) reader.fail_at(detail::header_start, "the header must begin with {");
    const boost::json::value root = parse_json(header, {file, {}, detail::header_start});
    const detail::data_range data{reader.position(), reader.remaining()};
    contents read;
    for (const auto& [key, value] : root.get_object()) {
        const file_place place{file, std::string(key), detail::header_start};
        if (key == "__metadata__")
            read.notes = detail::read_notes(value, place);
        else
            read.tensors.push_back(detail::read_tensor(value, place, data));
    }
    // Tensors without data go before the one that begins at the same place.
    std::stable_sort(read.tensors.begin(), read.tensors.end(), [](const stored_tensor& a, const stored_tensor& b) {
        return std::pair(a.offset, a.bytes) < std::pair(b.offset, b.bytes);
    });
    detail::refuse_holes(read.tensors, data, file);
    return read;
}

/// A safetensors file: tensors and their data (see `tensor_file`), and notes.
class checkpoint : public tensor_file {
  public:
    checkpoint(mapped_file file, contents read)
        : tensor_file(std::move(file), std::move(read.tensors)), notes_(std::move(read.notes)) {}

    [[nodiscard]] const file_notes& notes() const noexcept { return notes_; }

  private:
    file_notes notes_;
};

/// Maps the file and reads its header. Throws `error`, see `parse` and `mapped_file`.
[[nodiscard]] inline checkpoint open(const std::string& path) {
    mapped_file file(path);
    contents read = parse(file.bytes(), path);
    return {std::move(file), std::move(read)};
}

}  // namespace unloop::inline v0::safetensors

#endif
