// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of tokenizers as a function that names what is broken; it needs no test framework and no model.
#ifndef UNLOOP_LAWS_TEXT_TOKENIZER_HPP
#define UNLOOP_LAWS_TEXT_TOKENIZER_HPP

#include <unloop/io/stream_decoder.hpp>
#include <unloop/io/utf8.hpp>

#include <algorithm>    // find
#include <cstddef>      // size_t
#include <cstdint>      // state of the ids drawn
#include <span>         // texts
#include <string>       // names of broken laws
#include <string_view>  // texts
#include <vector>       // ids

namespace laws {

namespace detail {

/// What a stream makes of `ids`; empty if it ever gives half a code point.
template <class Tokenizer>
std::string streamed(const Tokenizer& tokenizer, std::span<const unloop::token_id> ids, bool& whole) {
    unloop::stream_decoder<Tokenizer> decoder(tokenizer);
    std::string text;
    for (const unloop::token_id id : ids) {
        const std::string part = decoder.push(id);
        whole = whole && unloop::is_utf8(part);
        text += part;
    }
    return text + decoder.finish();
}

/// `count` ids of the vocabulary without order.
inline std::vector<unloop::token_id> some_ids(std::size_t vocabulary, std::size_t count) {
    std::vector<unloop::token_id> ids;
    for (std::uint64_t state = 1; ids.size() < count; state = state * 6364136223846793005ULL + 1442695040888963407ULL)
        ids.push_back(static_cast<unloop::token_id>((state >> 33) % vocabulary));
    return ids;
}

}  // namespace detail

/// The broken laws of `tokenizer`. `texts` are valid UTF-8, have a token for everything in them, and lose nothing to
/// its normaliser; tokens that it puts at the ends do not count.
template <unloop::text_tokenizer Tokenizer>
[[nodiscard]] std::vector<std::string> broken_tokenizer_laws(const Tokenizer& tokenizer,
                                                             std::span<const std::string_view> texts) {
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    const auto decodes = [&](std::span<const unloop::token_id> ids) {
        const std::string text = tokenizer.decode(ids);
        bool whole = true;
        demand(unloop::is_utf8(text), "text: what is decoded is UTF-8");
        demand(detail::streamed(tokenizer, ids, whole) == text,
               "stream: its parts together are what is decoded at once");
        demand(whole, "stream: every part is whole code points");
        return text;
    };
    const unloop::encode_options inside{.add_special = false};
    for (const std::string_view text : texts) {
        const auto ids = tokenizer.encode(text, inside);
        std::string bytes;
        for (const unloop::token_id id : ids) {
            demand(id >= 0 && static_cast<std::size_t>(id) < tokenizer.size(), "range: ids are of the vocabulary");
            bytes += tokenizer.token_bytes(id);
        }
        demand(bytes == text, "bytes: those of a text's tokens are the text");
        demand(decodes(ids) == text, "round trip: a text comes back");
        demand(tokenizer.encode(text, inside) == ids, "determinism: equal texts have equal ids");
    }
    demand(tokenizer.encode("", inside).empty(), "nothing: no text has no tokens");
    decodes(detail::some_ids(tokenizer.size(), 4096));
    return broken;
}

}  // namespace laws

#endif
