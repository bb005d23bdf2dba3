// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The decoder of a GGUF file of architecture llama.
#ifndef UNLOOP_IO_GGUF_LLAMA_HPP
#define UNLOOP_IO_GGUF_LLAMA_HPP

#include <unloop/io/gguf_shape.hpp>

#include <algorithm>  // max
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <string>     // the family

namespace unloop::inline v0::gguf::detail {

[[nodiscard]] inline decoder_config read_llama(const checkpoint& file) {
    decoder_config config;
    config.family = "llama";
    const shape_reader read(file, config.family);
    if (read.count_or_none("expert_count") > 0)
        read.refuse("expert_count", "experts of this architecture are not read");
    const std::size_t layers = read.count("block_count", file.tensors().size());
    config.hidden = read.count("embedding_length");
    config.context = read.count("context_length");
    config.vocabulary = rows_of(file.at("token_embd.weight"));
    config.tied_head = file.find("output.weight") == nullptr;
    config.norm_epsilon = read.positive("attention.layer_norm_rms_epsilon");

    layer_traits layer;
    layer.hidden = config.hidden;
    layer.heads = read.count("attention.head_count");
    layer.key_value_heads = read.count("attention.head_count_kv", layer.heads, layer.heads);
    if (layer.heads % layer.key_value_heads != 0)
        read.refuse("attention.head_count_kv", "must divide the number of query heads");
    layer.head_size =
        read.count("attention.key_length", largest_size, std::max<std::size_t>(config.hidden / layer.heads, 1));
    layer.mlp_width = read.count("feed_forward_length");
    layer.norm_epsilon = config.norm_epsilon;
    layer.attention_scale = 1.0F / std::sqrt(static_cast<float>(layer.head_size));
    layer.rotary_pairs = rotary_layout::interleaved;  // the converter of this architecture permutes rows of q and k
    if (read.count("rope.dimension_count", largest_size, layer.head_size) != layer.head_size ||
        layer.head_size % 2 != 0)
        read.refuse("rope.dimension_count", "must be the whole, even head size");
    if (read.has("rope.scaling.type") && file.metadata().get<std::string>(read.name("rope.scaling.type")) != "none")
        read.refuse("rope.scaling.type", "only 'none' is supported");
    config.rotary_tables = {{layer.head_size, read.positive("rope.freq_base", 10000.0F), 1.0F, layer.head_size / 2}};
    config.layers.assign(layers, layer);
    for (std::size_t i = 0; i < layers; ++i) config.layers[i].layer = config.layers[i].key_value_layer = i;
    return config;
}

}  // namespace unloop::inline v0::gguf::detail

#endif
