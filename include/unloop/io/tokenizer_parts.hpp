// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What `basic_tokenizer` asks of its four parts. Page: docs/concepts/tokenizer.md
#ifndef UNLOOP_IO_TOKENIZER_PARTS_HPP
#define UNLOOP_IO_TOKENIZER_PARTS_HPP

#include <unloop/core/ids.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/vocabulary.hpp>

#include <concepts>     // requirements
#include <string>       // text
#include <string_view>  // text
#include <vector>       // ids

namespace unloop::inline v0 {

/// Text as the vocabulary writes it: made from the data, called with a text, gives a string or a view of one.
template <class Type>
concept text_normalizer =
    std::constructible_from<Type, const tokenizer_data&> && requires(const Type& part, std::string_view text) {
        { part(text) } -> std::convertible_to<std::string_view>;
    };

/// Pieces inside which tokens may be merged: made from the data, calls emit(piece) with them in order.
template <class Type>
concept text_splitter =
    std::constructible_from<Type, const tokenizer_data&> &&
    requires(const Type& part, std::string_view text, void (*emit)(std::string_view)) { part(text, emit); };

/// The tokens of a piece: made from the data and the vocabulary, `encode` appends them and works in a `workspace`;
/// `model` is the algorithm's name in `tokenizer_data`.
template <class Type>
concept piece_encoder = std::constructible_from<Type, const tokenizer_data&, const vocabulary&> &&
                        requires(const Type& part, std::string_view piece, unknown_symbols unknown,
                                 typename Type::workspace& workspace, std::vector<token_id>& ids) {
                            { Type::model } -> std::convertible_to<std::string_view>;
                            part.encode(piece, unknown, workspace, ids);
                        };

/// Tokens back to text: `bytes` of a token by its text and kind; a `stream` that is pushed them and appends text.
template <class Type>
concept token_decoder =
    requires(typename Type::stream& stream, std::string_view bytes, token_kind kind, std::string& text) {
        { Type::bytes(bytes, kind) } -> std::convertible_to<std::string>;
        stream.push(bytes, kind, text);
        stream.finish(text);
    };

namespace detail {

/// Says in one sentence which part of a tokenizer is not what it must be.
template <class Normalizer, class PreTokenizer, class Merger, class Decoder>
constexpr bool check_tokenizer_parts() {
    static_assert(text_normalizer<Normalizer>,
                  "basic_tokenizer: the normaliser needs a constructor from const unloop::tokenizer_data& and "
                  "operator()(std::string_view) const that gives a text; see docs/concepts/tokenizer.md");
    static_assert(text_splitter<PreTokenizer>,
                  "basic_tokenizer: the pre-tokenizer needs a constructor from const unloop::tokenizer_data& and "
                  "operator()(std::string_view, emit) const; see docs/concepts/tokenizer.md");
    static_assert(piece_encoder<Merger>,
                  "basic_tokenizer: the merge engine needs a constructor from (const unloop::tokenizer_data&, const "
                  "unloop::vocabulary&), a name `model`, a type `workspace` and encode(piece, unknown_symbols, "
                  "workspace&, ids&) const; see docs/concepts/tokenizer.md");
    static_assert(token_decoder<Decoder>,
                  "basic_tokenizer: the decoder needs static bytes(text, token_kind) and a `stream` with push(bytes, "
                  "token_kind, text) and finish(text); see docs/concepts/tokenizer.md");
    return true;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
