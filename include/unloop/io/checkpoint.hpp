// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What loading and editing need of a checkpoint, whatever its container.
#ifndef UNLOOP_IO_CHECKPOINT_HPP
#define UNLOOP_IO_CHECKPOINT_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/io/stored_tensor.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/model/decoder.hpp>
#include <unloop/model/decoder_config.hpp>

#include <concepts>  // same_as
#include <cstddef>   // byte
#include <span>      // bytes
#include <string>    // names

namespace unloop::inline v0 {

/// Bounds of what a configuration may ask for, checked before anything is allocated; no model comes near.
inline constexpr std::size_t largest_size = std::size_t{1} << 24;          ///< of a dimension
inline constexpr std::size_t largest_expert_count = std::size_t{1} << 20;  ///< of all layers

/// Where a parameter lies: in a tensor, or in one of `count` equal parts of its rows (an expert of a stack).
struct tensor_part {
    std::string tensor;
    std::size_t index = 0;
    std::size_t count = 1;
};

/// The rows of `part` in the whole tensor. `whole.rows` must be a multiple of `part.count`.
[[nodiscard]] inline weight_view slice(const weight_view& whole, const tensor_part& part) noexcept {
    const std::size_t rows = whole.rows / part.count;
    return whole.slice(part.index * rows, rows);
}

/// A container with tensors, and with functions found beside it that say what they mean: `read_config`,
/// `read_tokenizer`, `locate` from a parameter's name to its place in the file, and `is_foreign` for tensors that a
/// text decoder has no use for (vision, audio, dead weights). `gguf::checkpoint` is one. `path_of` is the path of the
/// file that holds a tensor: `path()` where there is one file.
template <class Checkpoint>
concept checkpoint_file =
    requires(const Checkpoint& file, Checkpoint& open_file, const stored_tensor& tensor, parameter_name parameter) {
        { file.path() } -> std::convertible_to<std::string>;
        { file.find("name") } -> std::same_as<const stored_tensor*>;
        { file.tensors() } -> std::convertible_to<std::span<const stored_tensor>>;
        { file.path_of(tensor) } -> std::convertible_to<std::string>;
        { file.weights(tensor) } -> std::same_as<weight_view>;
        { open_file.writable(tensor) } -> std::same_as<std::span<std::byte>>;
        { read_config(file) } -> std::same_as<decoder_config>;
        { read_tokenizer(file) } -> std::same_as<tokenizer_data>;
        { locate(file, parameter) } -> std::same_as<tensor_part>;
        { is_foreign(file, tensor) } -> std::same_as<bool>;
    };

}  // namespace unloop::inline v0

#endif
