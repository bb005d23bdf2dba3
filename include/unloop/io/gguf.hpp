// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Opens a GGUF file: its keys and tensors, checked as if an adversary had written them; the data stay mapped.
#ifndef UNLOOP_IO_GGUF_HPP
#define UNLOOP_IO_GGUF_HPP

#include <unloop/io/byte_reader.hpp>
#include <unloop/io/gguf_entry.hpp>
#include <unloop/io/gguf_metadata.hpp>
#include <unloop/io/gguf_types.hpp>
#include <unloop/io/tensor_file.hpp>

#include <algorithm>  // reverse, sort
#include <bit>        // has_single_bit
#include <cstddef>    // byte
#include <cstdint>    // uint64_t
#include <limits>     // largest count of bytes
#include <span>       // bytes
#include <string>     // names
#include <utility>    // move
#include <vector>     // tensors

namespace unloop::inline v0::gguf {

/// What stands in a file before the data.
struct contents {
    std::uint32_t version = 0;
    std::uint64_t alignment = 32;  ///< of the tensors, in bytes
    gguf::metadata metadata;
    std::vector<stored_tensor> tensors;  ///< in the file's order; offsets from the start of the file
};

namespace detail {

inline constexpr std::uint64_t longest_tensor_name = 64;  // the format's own limits
inline constexpr std::uint32_t most_dimensions = 4;

inline std::vector<std::uint64_t> read_shape(byte_reader& reader) {
    const std::uint64_t start = reader.position();
    const auto dimensions = reader.number<std::uint32_t>();
    if (dimensions > most_dimensions)
        reader.fail_at(start, "a tensor has at most " + std::to_string(most_dimensions) + " dimensions, not " +
                                  std::to_string(dimensions));
    std::vector<std::uint64_t> shape(dimensions);
    for (std::uint64_t& extent : shape) extent = reader.number<std::uint64_t>();
    std::reverse(shape.begin(), shape.end());  // the file puts the contiguous dimension first
    return shape;
}

/// The tensor's offset still counts from the start of the data.
inline stored_tensor read_tensor(byte_reader& reader, std::uint64_t alignment) {
    stored_tensor tensor;
    const std::uint64_t start = reader.position();
    reader.set_subject({});
    const auto name = reader.text();
    if (name.empty() || name.size() > longest_tensor_name)
        reader.fail_at(start, "a tensor's name has 1 to " + std::to_string(longest_tensor_name) + " bytes");
    reader.set_subject(name);
    tensor.name = name;
    tensor.shape = read_shape(reader);
    const std::uint64_t type_start = reader.position();
    const auto id = reader.number<std::uint32_t>();
    const number_type* const type = find_number_type(id);
    if (type == nullptr) reader.fail_at(type_start, "no type of number has the id " + std::to_string(id));
    tensor.type_name = type->name;
    tensor.format = format_of(id);

    const auto values = count_values(tensor.shape);
    if (!values) reader.fail_at(start, "the tensor has more values than can be counted");
    const std::uint64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
    if (columns % type->block_values != 0)
        reader.fail_at(start, "rows of " + std::to_string(columns) + " values are no whole blocks of " +
                                  std::string(type->name) + ", which hold " + std::to_string(type->block_values));
    const std::uint64_t blocks = *values / type->block_values;
    if (blocks > std::numeric_limits<std::uint64_t>::max() / type->block_bytes)
        reader.fail_at(start, "the tensor has more bytes than can be counted");
    tensor.bytes = blocks * type->block_bytes;

    const std::uint64_t offset_start = reader.position();
    tensor.offset = reader.number<std::uint64_t>();
    if (tensor.offset % alignment != 0)
        reader.fail_at(offset_start, "the data offset " + std::to_string(tensor.offset) + " is no multiple of " +
                                         std::to_string(alignment));
    return tensor;
}

/// Makes offsets count from the start of the file and checks that the data lie inside it.
inline void place_tensors(byte_reader& reader, contents& read) {
    const std::uint64_t padding = (read.alignment - reader.position() % read.alignment) % read.alignment;
    reader.set_subject({});
    if (!read.tensors.empty() && padding > reader.remaining())
        reader.fail_at(reader.position(), "the file ends before the tensor data");
    for (stored_tensor& tensor : read.tensors) {
        const std::uint64_t available = reader.remaining() - padding;
        reader.set_subject(tensor.name);
        if (tensor.offset > available || tensor.bytes > available - tensor.offset)
            reader.fail_at(reader.position() + padding, "the tensor's " + std::to_string(tensor.bytes) + " bytes at " +
                                                            std::to_string(tensor.offset) + " from here are not all " +
                                                            "in the file");
        tensor.offset += reader.position() + padding;
    }
}

inline void refuse_overlaps(const byte_reader& reader, std::span<const stored_tensor> tensors) {
    std::vector<const stored_tensor*> order;
    for (const stored_tensor& tensor : tensors)
        if (tensor.bytes > 0) order.push_back(&tensor);
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->offset < b->offset; });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (order[i]->offset < order[i - 1]->offset + order[i - 1]->bytes)
            reader.fail_at(order[i]->offset,
                           "tensors '" + order[i - 1]->name + "' and '" + order[i]->name + "' overlap");
}

}  // namespace detail

/// Reads what stands before the data; `file` is named in errors. Throws `error` on anything that the format does not
/// allow, naming offset and key or tensor. Memory is at most a small multiple of the bytes read, of which keys take
/// at most 128 MiB. O(bytes before the data + n log n) for n tensors. Source: the GGUF specification, versions 2 and 3
/// (they differ only in that 3 may be big-endian, which is refused here).
[[nodiscard]] inline contents parse(std::span<const std::byte> bytes, const std::string& file) {
    byte_reader reader(bytes, file);
    contents read{0, 32, gguf::metadata(file), {}};
    constexpr std::uint32_t magic = 0x46554747;  // "GGUF"
    if (reader.number<std::uint32_t>() != magic) reader.fail_at(0, "is not a GGUF file");
    read.version = reader.number<std::uint32_t>();
    if (read.version != 2 && read.version != 3)
        reader.fail_at(4, (read.version & 0xFFFF) == 0 && read.version != 0
                              ? std::string("big-endian files are not supported")
                              : "version " + std::to_string(read.version) + " is not supported, 2 and 3 are");
    constexpr std::uint64_t least_tensor_bytes = 8 + 1 + 4 + 4 + 8;  // name, dimensions, type, offset
    constexpr std::uint64_t least_entry_bytes = 8 + 1 + 4 + 1;       // key, type, value
    const auto tensors = reader.count(least_tensor_bytes, "tensors");
    const auto entries = reader.count(least_entry_bytes, "keys");
    for (std::uint64_t i = 0; i < entries; ++i) read.metadata.add(detail::read_entry(reader));

    read.alignment = read.metadata.get_or<std::uint64_t>("general.alignment", read.alignment);
    if (!std::has_single_bit(read.alignment))
        throw error({file, "general.alignment", read.metadata.find("general.alignment")->offset},
                    "the alignment must be a power of two, not " + std::to_string(read.alignment));
    for (std::uint64_t i = 0; i < tensors; ++i) read.tensors.push_back(detail::read_tensor(reader, read.alignment));
    detail::place_tensors(reader, read);
    detail::refuse_overlaps(reader, read.tensors);
    return read;
}

/// A GGUF file: tensors and their data (see `tensor_file`), and the keys.
class checkpoint : public tensor_file {
  public:
    checkpoint(mapped_file file, contents read)
        : tensor_file(std::move(file), std::move(read.tensors)),
          version_(read.version),
          alignment_(read.alignment),
          metadata_(std::move(read.metadata)) {}

    [[nodiscard]] std::uint32_t version() const noexcept { return version_; }
    [[nodiscard]] std::uint64_t alignment() const noexcept { return alignment_; }
    [[nodiscard]] const gguf::metadata& metadata() const noexcept { return metadata_; }

  private:
    std::uint32_t version_;
    std::uint64_t alignment_;
    gguf::metadata metadata_;
};

/// Maps the file and reads its start. Throws `error`, see `parse` and `mapped_file`.
[[nodiscard]] inline checkpoint open(const std::string& path) {
    mapped_file file(path);
    contents read = parse(file.bytes(), path);
    return {std::move(file), std::move(read)};
}

}  // namespace unloop::inline v0::gguf

#endif
