// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The decoder of a GGUF file of architecture gemma4.
#ifndef UNLOOP_IO_GGUF_GEMMA4_HPP
#define UNLOOP_IO_GGUF_GEMMA4_HPP

#include <unloop/io/gguf_shape.hpp>
#include <unloop/io/read_array.hpp>
#include <unloop/model/gemma4_config.hpp>

#include <cstddef>  // size_t
#include <string>   // names
#include <variant>  // kinds of values
#include <vector>   // layers

namespace unloop::inline v0::gguf::detail {

/// Which layers see all: a list with true for those that have a window, or one number, the period of those that see
/// all.
[[nodiscard]] inline std::vector<bool> read_layer_kinds(const checkpoint& file, const shape_reader& read,
                                                        std::size_t layers) {
    constexpr std::string_view key = "attention.sliding_window_pattern";
    const metadata_entry* const entry = file.metadata().find(read.name(key));
    std::vector<bool> sees_all(layers);
    if (entry != nullptr && !std::holds_alternative<std::vector<bool>>(entry->value.held)) {
        const std::size_t period = read.count(key);
        for (std::size_t i = 0; i < layers; ++i) sees_all[i] = i % period == period - 1;
        return sees_all;
    }
    const auto& slides = file.metadata().get<std::vector<bool>>(read.name(key));
    if (slides.size() != layers)
        read.refuse(key, "has " + std::to_string(slides.size()) + " entries for " + std::to_string(layers) + " layers");
    for (std::size_t i = 0; i < layers; ++i) sees_all[i] = !slides[i];
    return sees_all;
}

/// Pairs that rotate in layers that see all: "rope_freqs.weight" divides a pair's frequency by 1, or by 1e30 to stop
/// it; without this tensor all rotate.
[[nodiscard]] inline std::size_t read_live_pairs(const checkpoint& file, std::size_t head_size) {
    const stored_tensor* const tensor = file.find("rope_freqs.weight");
    if (tensor == nullptr) return head_size / 2;
    const auto refuse = [&](const std::string& why) { throw error({file.path(), tensor->name, tensor->offset}, why); };
    if (tensor->format != number_format::f32 || tensor->bytes != head_size / 2 * sizeof(float))
        refuse("must be one F32 a channel pair, " + std::to_string(head_size / 2));
    const std::vector<float> divisors = read_floats(file, tensor->name).values;
    std::size_t live = 0;
    while (live < divisors.size() && divisors[live] == 1.0F) ++live;
    for (std::size_t i = live; i < divisors.size(); ++i)
        if (!(divisors[i] >= 1e30F)) refuse("only 1 and, from some pair on, 1e30 are supported");
    return live;
}

[[nodiscard]] inline std::size_t read_head_size(const shape_reader& read, const std::string& kind) {
    const std::size_t size = read.count("attention.key_length" + kind);
    for (const char* const same : {"attention.value_length", "rope.dimension_count"})
        if (read.count(same + kind, largest_size, size) != size)
            read.refuse(same + kind, "must equal attention.key_length" + kind);
    if (size % 2 != 0) read.refuse("attention.key_length" + kind, "must be even");
    return size;
}

[[nodiscard]] inline std::vector<gemma4_layer_shape> read_layers(const checkpoint& file, const shape_reader& read) {
    const std::size_t count = read.count("block_count", file.tensors().size());
    gemma4_layer_shape sliding, full;
    sliding.head_size = read_head_size(read, "_swa"), sliding.live_pairs = sliding.head_size / 2;
    full.head_size = read_head_size(read, ""), full.live_pairs = read_live_pairs(file, full.head_size);
    std::vector<gemma4_layer_shape> layers = gemma4_layers(read_layer_kinds(file, read, count), sliding, full);
    const auto heads = read.counts("attention.head_count_kv", count),
               widths = read.counts("feed_forward_length", count);
    for (std::size_t i = 0; i < count; ++i) {
        layers[i].key_value_heads = heads[i], layers[i].mlp_width = widths[i];
        layers[i].values_from_keys = file.find("blk." + std::to_string(i) + ".attn_v.weight") == nullptr;
    }
    return layers;
}

[[nodiscard]] inline decoder_config read_gemma4(const checkpoint& file) {
    const shape_reader read(file, "gemma4");
    gemma4_shape shape;
    shape.layers = read_layers(file, read);
    shape.vocabulary = rows_of(file.at("token_embd.weight"));
    shape.hidden = read.count("embedding_length");
    shape.context = read.count("context_length");
    shape.heads = read.count("attention.head_count");
    shape.window = read.count("attention.sliding_window");
    shape.sharing_layers = read.count_or_none("attention.shared_kv_layers", shape.layers.size() - 1);
    shape.layer_input = read.count_or_none("embedding_length_per_layer_input");
    shape.norm_epsilon = read.positive("attention.layer_norm_rms_epsilon");
    if (read.has("final_logit_softcapping")) shape.logit_cap = read.positive("final_logit_softcapping");
    shape.tied_head = file.find("output.weight") == nullptr;
    shape.full.base = read.positive("rope.freq_base", 1e6F);
    shape.sliding.base = read.positive("rope.freq_base_swa", 1e4F);
    shape.experts = read.count_or_none("expert_count", largest_expert_count / shape.layers.size());
    if (shape.experts > 0) {
        shape.experts_used = read.count("expert_used_count", shape.experts);
        shape.expert_width = read.count("expert_feed_forward_length");
    }
    if (const std::string fault = fault_in(shape); !fault.empty()) throw error({file.path(), {}, {}}, fault);
    return gemma4_config(shape);
}

}  // namespace unloop::inline v0::gguf::detail

#endif
