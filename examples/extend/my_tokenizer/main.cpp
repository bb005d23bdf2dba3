// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A tokenizer of the library's parts and one of its own: a normaliser that knows no capitals.
#include <unloop/io/any_tokenizer.hpp>

#include <laws/text_tokenizer.hpp>

#include <iostream>
#include <string_view>
#include <vector>

// [part]
struct small_letters {
    explicit small_letters(const unloop::tokenizer_data&) {}

    std::string operator()(std::string_view text) const {
        std::string small;
        for (const char letter : text) small += letter >= 'A' && letter <= 'Z' ? char(letter + 'a' - 'A') : letter;
        return small;
    }
};
// [/part]

// [alias]
using my_tokenizer = unloop::basic_tokenizer<small_letters, unloop::whole_text, unloop::bpe<unloop::code_point_symbols>,
                                             unloop::byte_fallback_decoder>;
static_assert(unloop::text_tokenizer<my_tokenizer>);
// [/alias]

int main() {
    // [use]
    unloop::tokenizer_data data;
    data.model = "gemma4";
    data.tokens = {"<end>", "l", "o", "p", "lo", "op", "loop"};
    data.kinds.assign(data.tokens.size(), unloop::token_kind::normal);
    data.kinds[0] = unloop::token_kind::control;
    data.merges = {{"l", "o"}, {"o", "p"}, {"lo", "op"}};
    data.eos = 0;
    const my_tokenizer tokenizer(data);
    for (const unloop::token_id id : tokenizer.encode("LoopPool<end>")) std::cout << id << ' ';
    // [/use]
    std::cout << '\n';

    // [laws]
    const std::vector<std::string_view> texts = {"loop", "pool<end>", "lopo"};
    const auto broken = laws::broken_tokenizer_laws(tokenizer, texts);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]
    return broken.empty() ? 0 : 1;
}
