// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it has the constructor.
#include <unloop/io/tokenizer.hpp>

#include <string_view>  // text

struct nothing {
    explicit nothing(const unloop::tokenizer_data&) {}
    std::string_view operator()(std::string_view text) const { return text; }
};

using tokenizer = unloop::basic_tokenizer<nothing, unloop::word_splitter, unloop::bpe<unloop::byte_symbols>,
                                          unloop::byte_level_decoder>;
std::size_t use(const tokenizer& with) { return with.size(); }
