// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A Gemma 4 of random weights with everything that the family has: windows, K=V, shared keys, experts, layer inputs.
#ifndef UNLOOP_TESTS_SUPPORT_SMALL_GEMMA4_HPP
#define UNLOOP_TESTS_SUPPORT_SMALL_GEMMA4_HPP

#include <laws/random_parameters.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/kernels/kernel.hpp>  // reference
#include <unloop/model/any_decoder.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <vector>   // tokens

namespace golden {

/// Layers: sliding, global (K=V), sliding with experts, global with experts; the last two read keys of the first two.
inline unloop::decoder_config small_gemma4_config(std::size_t window) {
    unloop::decoder_config config;
    config.family = "gemma4";
    config.hidden = 24, config.vocabulary = 50, config.context = 1000;
    config.norm_epsilon = 1e-6F, config.tied_head = true, config.embedding_scale = 4.9F, config.logit_cap = 30;
    config.layer_input = 6;
    config.rotary_tables = {{8, 10000.0F, 1.0F, 4}, {16, 1e6F, 1.0F, 2}};
    for (std::size_t i = 0; i < 4; ++i) {
        unloop::layer_traits layer;
        const bool global = i % 2 == 1;
        layer.layer = i, layer.key_value_layer = i % 2;
        layer.hidden = config.hidden, layer.layer_input = config.layer_input;
        layer.heads = 4, layer.key_value_heads = global ? 1 : 2, layer.head_size = global ? 16 : 8;
        layer.window = global ? 0 : window, layer.values_from_keys = global, layer.rotary_table = global ? 1 : 0;
        layer.mlp_width = i < 2 ? 20 : 40;
        if (i >= 2) layer.experts = 5, layer.experts_used = 2, layer.expert_width = 7;
        layer.norm_epsilon = config.norm_epsilon, layer.attention_scale = 1;
        config.layers.push_back(layer);
    }
    return config;
}

/// What users of models ask for: `decoder()` and `config()`. Compiled once, whatever taps it runs with.
template <class Backend>
class small_gemma4 {
  public:
    using decoder_type = unloop::any_decoder<Backend>;

    explicit small_gemma4(std::size_t window, Backend backend = {});
    small_gemma4(const small_gemma4&) = delete;
    small_gemma4& operator=(const small_gemma4&) = delete;

    [[nodiscard]] const decoder_type& decoder() const noexcept { return decoder_; }
    [[nodiscard]] const unloop::decoder_config& config() const noexcept { return decoder_.config(); }

  private:
    laws::random_parameters weights_;
    decoder_type decoder_;
};
extern template class small_gemma4<unloop::reference>;
extern template class small_gemma4<unloop::dispatched>;

/// `count` tokens of one row from position `first` on, all of which want logits.
inline std::vector<unloop::batch_token> some_tokens(std::size_t first, std::size_t count, std::int32_t row = 0) {
    std::vector<unloop::batch_token> tokens;
    for (std::size_t t = first; t < first + count; ++t)
        tokens.push_back(
            {static_cast<unloop::token_id>((t * t * 7 + t + 3) % 50), row, static_cast<std::int32_t>(t), true});
    return tokens;
}

}  // namespace golden

#endif
