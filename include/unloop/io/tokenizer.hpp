// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Text to tokens and back: a tokenizer assembled from a normaliser, a pre-tokenizer, a merge engine and a decoder.
#ifndef UNLOOP_IO_TOKENIZER_HPP
#define UNLOOP_IO_TOKENIZER_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/core/progress_counter.hpp>
#include <unloop/io/added_tokens.hpp>
#include <unloop/io/bpe.hpp>
#include <unloop/io/byte_fallback.hpp>
#include <unloop/io/byte_level.hpp>
#include <unloop/io/pre_tokenizer.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/tokenizer_parts.hpp>
#include <unloop/io/vocabulary.hpp>

#include <algorithm>    // find
#include <concepts>     // what a tokenizer can do
#include <cstddef>      // size_t
#include <optional>     // bos and eos
#include <span>         // ids to decode
#include <string>       // texts
#include <string_view>  // texts
#include <vector>       // ids

namespace unloop::inline v0 {

struct encode_options {
    bool parse_special = true;  ///< find <|im_start|> and other control tokens; false: they are text like any other
    bool add_special = true;    ///< add bos and eos, where the vocabulary asks for them
    /// What has no token: an `error`, or left out as the tokenizers package and llama.cpp do.
    unknown_symbols unknown = unknown_symbols::refuse;
};

struct decode_options {
    bool skip_special = false;  ///< leave out control and unknown tokens
};

/// What generation and text detectors need of a tokenizer.
template <class Type>
concept text_tokenizer =
    requires(const Type& tokenizer, std::string_view text, std::span<const token_id> ids, token_id id) {
        { tokenizer.encode(text) } -> std::same_as<std::vector<token_id>>;
        { tokenizer.decode(ids) } -> std::same_as<std::string>;
        { tokenizer.token_bytes(id) } -> std::convertible_to<std::string_view>;
        { tokenizer.is_special(id) } -> std::same_as<bool>;
        { tokenizer.size() } -> std::same_as<std::size_t>;
    };

/// Normaliser that changes nothing.
struct no_normalizer {
    explicit no_normalizer(const tokenizer_data&) noexcept {}
    [[nodiscard]] std::string_view operator()(std::string_view text) const noexcept { return text; }
};

/// A tokenizer of four parts, each made from `tokenizer_data` (see tokenizer_parts.hpp):
/// - Normalizer(data): operator()(std::string_view) gives a string or a view, the text to cut;
/// - PreTokenizer(data): operator()(text, emit) calls emit(std::string_view) with its pieces in order;
/// - Merger(data, vocabulary): encode(piece, unknown_symbols, workspace&, ids) appends tokens; a type `workspace`, and
///   `model`, the name of the algorithm in `tokenizer_data`;
/// - Decoder: bytes(text, kind) gives the bytes of a token; its `stream` turns the bytes of consecutive tokens to text.
/// Added tokens are found first; normaliser and pre-tokenizer see the text between them.
/// Does not change while it is used, so threads may share one.
template <class Normalizer, class PreTokenizer, class Merger, class Decoder>
class basic_tokenizer {
    static_assert(detail::check_tokenizer_parts<Normalizer, PreTokenizer, Merger, Decoder>());

  public:
    static constexpr std::string_view model = Merger::model;
    using text_stream = typename Decoder::stream;

    /// Throws `error` if the parts of `data` do not fit each other.
    explicit basic_tokenizer(const tokenizer_data& data)
        : words_(data),
          added_(words_),
          normalizer_(data),
          pre_tokenizer_(data),
          merger_(data, words_),
          bos_(data.bos),
          eos_(data.eos),
          turn_end_(data.turn_end ? data.turn_end : data.eos),
          ends_(data.ends),
          add_bos_(data.add_bos),
          add_eos_(data.add_eos) {
        for (const auto& id : {data.bos, data.eos, data.turn_end, data.unknown, data.padding})
            if (id) words_.require(*id);
        if (ends_.empty() && eos_) ends_.push_back(*eos_);
        for (const token_id id : ends_) words_.require(id);
        if ((add_bos_ && !bos_) || (add_eos_ && !eos_)) throw error("tokenizer: to add bos or eos, it must have an id");
        bytes_.reserve(words_.size());
        for (std::size_t index = 0; index < words_.size(); ++index) {
            const auto id = static_cast<token_id>(index);
            bytes_.push_back(Decoder::bytes(words_.text(id), words_.kind(id)));
        }
    }

    /// The tokens of `text`, which may hold any bytes. O(n log n) at worst, in practice linear. The sink is told the
    /// bytes done (after the normaliser), every 64 KiB. Throws `error` for what has no token (see
    /// `encode_options::unknown`), and when the sink says stop.
    template <class Progress = no_progress>
    [[nodiscard]] std::vector<token_id> encode(std::string_view text, encode_options options = {},
                                               Progress&& progress = {}) const {
        std::vector<token_id> ids;
        typename Merger::workspace workspace;
        if (add_bos_ && options.add_special) ids.push_back(*bos_);
        progress_counter counter("encode", text.size());
        const auto on_piece = [&](std::string_view piece) {
            if (!counter.add(piece.size(), progress)) throw error("encoding was cancelled");
            merger_.encode(piece, options.unknown, workspace, ids);
        };
        added_.split(
            text, options.parse_special,
            [&](std::string_view part) {
                const auto normalized = normalizer_(part);
                pre_tokenizer_(normalized, on_piece);
            },
            [&](token_id id) { ids.push_back(id); });
        if (add_eos_ && options.add_special) ids.push_back(*eos_);
        return ids;
    }

    /// The text of `ids`, always valid UTF-8: what is not becomes U+FFFD, as the decoder says.
    /// The sink is told the ids done, every 65,536. Throws `error` for an id outside the vocabulary, and when the sink
    /// says stop.
    template <class Progress = no_progress>
    [[nodiscard]] std::string decode(std::span<const token_id> ids, decode_options options = {},
                                     Progress&& progress = {}) const {
        std::string text;
        text_stream stream = begin_text();
        progress_counter counter("decode", ids.size());
        for (const token_id id : ids) {
            if (!counter.add(1, progress)) throw error("decoding was cancelled");
            if (!options.skip_special || !is_special(id)) stream.push(token_bytes(id), words_.kind(id), text);
        }
        stream.finish(text);
        return text;
    }

    /// The bytes that a token stands for; not always whole code points. Throws `error` for an id outside.
    [[nodiscard]] std::string_view token_bytes(token_id id) const {
        words_.require(id);
        return bytes_[static_cast<std::size_t>(id)];
    }
    /// Whether `skip_special` leaves the token out. Throws `error` for an id outside.
    [[nodiscard]] bool is_special(token_id id) const { return words_.is_special(id); }
    [[nodiscard]] std::size_t size() const noexcept { return words_.size(); }
    [[nodiscard]] std::optional<token_id> bos() const noexcept { return bos_; }
    [[nodiscard]] std::optional<token_id> eos() const noexcept { return eos_; }
    /// What closes an answer in a chat: the template's own token, else `eos`.
    [[nodiscard]] std::optional<token_id> turn_end() const noexcept { return turn_end_; }
    /// Whether a model that generates this token has ended its answer.
    [[nodiscard]] bool ends_answer(token_id id) const noexcept {
        return std::find(ends_.begin(), ends_.end(), id) != ends_.end();
    }
    /// Tokens as the vocabulary writes them: `words().find("<|im_end|>")`, `words().text(id)`, `words().kind(id)`.
    [[nodiscard]] const vocabulary& words() const noexcept { return words_; }
    /// Turns the bytes of consecutive tokens to text, see `stream_decoder`.
    [[nodiscard]] text_stream begin_text() const { return {}; }

  private:
    vocabulary words_;
    added_tokens added_;
    [[no_unique_address]] Normalizer normalizer_;
    PreTokenizer pre_tokenizer_;
    Merger merger_;
    std::vector<std::string> bytes_;  // by id
    std::optional<token_id> bos_;
    std::optional<token_id> eos_;
    std::optional<token_id> turn_end_;
    std::vector<token_id> ends_;
    bool add_bos_;
    bool add_eos_;
};

/// GPT-2's tokenizer and its relatives, SmolLM2's among them (`tokenizer_data::model` "gpt2").
using byte_level_tokenizer = basic_tokenizer<no_normalizer, word_splitter, bpe<byte_symbols>, byte_level_decoder>;

/// Gemma's tokenizer (`tokenizer_data::model` "gemma4"): all text between two added tokens is one piece.
using byte_fallback_tokenizer =
    basic_tokenizer<space_marker, whole_text, bpe<code_point_symbols>, byte_fallback_decoder>;

}  // namespace unloop::inline v0

#endif
