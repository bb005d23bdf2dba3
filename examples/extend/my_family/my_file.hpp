// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// GGUF files of the family: names and tokenizer are read as those of any GGUF file, the configuration from its own
// keys.
#ifndef MY_FILE_HPP
#define MY_FILE_HPP

#include <unloop/io/load.hpp>

#include <cstdint>
#include <string>
#include <utility>

#include "my_family.hpp"

namespace my {

// [file]
struct file : unloop::gguf::checkpoint {};

inline unloop::decoder_config read_config(const file& from) {
    const auto find = [&](unloop::parameter_role role) { return from.find(locate(from, {-1, role}).tensor); };
    const auto count = [&](const std::string& name, std::size_t most = 1U << 20) {
        const auto value = from.metadata().get<std::uint64_t>("qwen3." + name);
        if (value < 1 || value > most) throw unloop::error({from.path(), "qwen3." + name, {}}, "is out of range");
        return static_cast<std::size_t>(value);
    };
    const auto* const table = find(unloop::parameter_role::embedding);
    if (table == nullptr || table->shape.empty()) throw unloop::error({from.path(), {}, {}}, "has no embedding");
    sizes of;
    of.layers = count("block_count", from.tensors().size());
    of.hidden = count("embedding_length"), of.mlp_width = count("feed_forward_length");
    of.heads = count("attention.head_count"), of.key_value_heads = count("attention.head_count_kv", of.heads);
    of.head_size = count("attention.key_length"), of.context = count("context_length");
    of.vocabulary = static_cast<std::size_t>(table->shape.front());
    of.norm_epsilon = from.metadata().get<float>("qwen3.attention.layer_norm_rms_epsilon");
    of.rotary_base = from.metadata().get<float>("qwen3.rope.freq_base");
    of.tied_head = find(unloop::parameter_role::head) == nullptr;
    return config_of(of);
}
static_assert(unloop::checkpoint_file<file>);

/// `auto model = my::open("model.gguf", unloop::dispatched{});`
template <class Backend>
auto open(const std::string& path, Backend backend) {
    return unloop::load<family>(file{unloop::gguf::open(path)}, std::move(backend));
}
// [/file]

}  // namespace my

#endif
