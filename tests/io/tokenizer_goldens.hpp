// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Both golden tokenizers, read from their tokenizer.json.
#ifndef UNLOOP_TESTS_IO_TOKENIZER_GOLDENS_HPP
#define UNLOOP_TESTS_IO_TOKENIZER_GOLDENS_HPP

#include <unloop/io/any_tokenizer.hpp>
#include <unloop/io/tokenizer_json.hpp>

#include "byte_level_goldens.hpp"

#include <string>

namespace unloop::tests {

/// `kind`: "gemma" or "bytelevel".
inline any_tokenizer read_golden_tokenizer(const std::string& kind) {
    return any_tokenizer(read_tokenizer_json(std::string(UNLOOP_TEST_DATA) + "/tokenizer/" + kind + "/tokenizer.json"));
}

inline const any_tokenizer& gemma_tokenizer() {
    static const any_tokenizer tokenizer = read_golden_tokenizer("gemma");
    return tokenizer;
}

}  // namespace unloop::tests

#endif
