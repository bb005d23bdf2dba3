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

/// A container with tensors, and with functions found beside it that say what they mean: `read_config`,
/// `read_tokenizer`, and `tensor_name` from a parameter's name to the file's own. `gguf::checkpoint` is one.
template <class Checkpoint>
concept checkpoint_file =
    requires(const Checkpoint& file, Checkpoint& open_file, const stored_tensor& tensor, parameter_name parameter) {
        { file.path() } -> std::convertible_to<std::string>;
        { file.find("name") } -> std::same_as<const stored_tensor*>;
        { file.tensors() } -> std::convertible_to<std::span<const stored_tensor>>;
        { file.weights(tensor) } -> std::same_as<weight_view>;
        { open_file.writable(tensor) } -> std::same_as<std::span<std::byte>>;
        { read_config(file) } -> std::same_as<decoder_config>;
        { read_tokenizer(file) } -> std::same_as<tokenizer_data>;
        { tensor_name(file, parameter) } -> std::same_as<std::string>;
    };

}  // namespace unloop::inline v0

#endif
