// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// One type for the tokenizers of all families: which one it is, the data say when the program runs.
#ifndef UNLOOP_IO_ANY_TOKENIZER_HPP
#define UNLOOP_IO_ANY_TOKENIZER_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/tokenizer.hpp>

#include <cstddef>      // size_t
#include <optional>     // bos and eos
#include <span>         // ids
#include <string>       // text
#include <string_view>  // text
#include <utility>      // move
#include <variant>      // one of several
#include <vector>       // ids

namespace unloop::inline v0 {

/// The one of `Tokenizers` whose `model` is the data's. Its members are theirs, see `basic_tokenizer`.
template <class... Tokenizers>
class tokenizer_variant {
  public:
    /// Text of consecutive tokens, see `stream_decoder`.
    class text_stream {
      public:
        template <class Stream>
        explicit text_stream(Stream stream) : stream_(std::move(stream)) {}
        void push(std::string_view bytes, token_kind kind, std::string& text) {
            std::visit([&](auto& stream) { stream.push(bytes, kind, text); }, stream_);
        }
        void finish(std::string& text) {
            std::visit([&](auto& stream) { stream.finish(text); }, stream_);
        }

      private:
        std::variant<typename Tokenizers::text_stream...> stream_;
    };

    /// Throws `error` if no tokenizer has this model, or if the data are not right for it.
    explicit tokenizer_variant(const tokenizer_data& data) : chosen_(choose(data)) {}

    template <class Progress = no_progress>
    [[nodiscard]] std::vector<token_id> encode(std::string_view text, encode_options options = {},
                                               Progress&& progress = {}) const {
        return visit([&](const auto& tokenizer) { return tokenizer.encode(text, options, progress); });
    }
    template <class Progress = no_progress>
    [[nodiscard]] std::string decode(std::span<const token_id> ids, decode_options options = {},
                                     Progress&& progress = {}) const {
        return visit([&](const auto& tokenizer) { return tokenizer.decode(ids, options, progress); });
    }
    [[nodiscard]] std::string_view token_bytes(token_id id) const {
        return visit([&](const auto& tokenizer) { return tokenizer.token_bytes(id); });
    }
    [[nodiscard]] bool is_special(token_id id) const { return words().is_special(id); }
    [[nodiscard]] std::size_t size() const { return words().size(); }
    [[nodiscard]] std::optional<token_id> bos() const {
        return visit([](const auto& tokenizer) { return tokenizer.bos(); });
    }
    [[nodiscard]] std::optional<token_id> eos() const {
        return visit([](const auto& tokenizer) { return tokenizer.eos(); });
    }
    [[nodiscard]] std::optional<token_id> turn_end() const {
        return visit([](const auto& tokenizer) { return tokenizer.turn_end(); });
    }
    [[nodiscard]] bool ends_answer(token_id id) const {
        return visit([&](const auto& tokenizer) { return tokenizer.ends_answer(id); });
    }
    [[nodiscard]] const vocabulary& words() const {
        return visit([](const auto& tokenizer) -> const vocabulary& { return tokenizer.words(); });
    }
    [[nodiscard]] text_stream begin_text() const {
        return visit([](const auto& tokenizer) { return text_stream(tokenizer.begin_text()); });
    }

  private:
    using variant = std::variant<Tokenizers...>;

    static variant choose(const tokenizer_data& data) {
        std::optional<variant> chosen;
        const auto try_one = [&]<class Tokenizer>(std::in_place_type_t<Tokenizer> type) {
            if (!chosen && data.model == Tokenizer::model) chosen.emplace(type, data);
        };
        (try_one(std::in_place_type<Tokenizers>), ...);
        if (chosen) return *std::move(chosen);
        std::string known;
        ((known += (known.empty() ? "" : ", ") + std::string(Tokenizers::model)), ...);
        throw error("tokenizer: unknown model '" + data.model + "' (known: " + known + ")");
    }
    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) const {
        return std::visit(std::forward<Visitor>(visitor), chosen_);
    }

    variant chosen_;
};

/// The tokenizers of the library.
using any_tokenizer = tokenizer_variant<byte_level_tokenizer, byte_fallback_tokenizer>;

}  // namespace unloop::inline v0

#endif
