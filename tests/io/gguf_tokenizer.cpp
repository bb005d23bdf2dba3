// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The tokenizer of a GGUF file of model "gemma4".
#include <unloop/io/any_tokenizer.hpp>
#include <unloop/io/gguf_model.hpp>

#include "scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

TEST_CASE("Gemma's vocabulary in GGUF: merges, bytes, one bos", "[gguf_tokenizer]") {
    const auto data = read_tokenizer(gguf::open(test::golden("gguf/e_like.bf16.gguf")));
    CHECK(data.model == "gemma4");
    CHECK(data.tokens.size() == 288);
    CHECK(data.merges.size() == 16);
    CHECK(data.bos == 2);
    CHECK(data.eos == 1);
    CHECK(data.unknown == 3);
    CHECK(data.add_bos);
    CHECK(data.ends == std::vector<token_id>{1});
    const any_tokenizer tokenizer(data);
    const auto ids = tokenizer.encode(" the loop\n\u00E9");
    // bos, "▁the", "▁" and "loop" (made before "▁lo" could be), and the bytes of a newline and of é
    CHECK(ids == std::vector<token_id>{2, 274, 261, 277, 5 + 0x0A, 5 + 0xC3, 5 + 0xA9});
    CHECK(tokenizer.decode(ids, {.skip_special = true}) == " the loop\n\u00E9");
    CHECK(tokenizer.encode("<bos>", {.add_special = false}) == std::vector<token_id>{2});
}
