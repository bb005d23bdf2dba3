// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reads tokenizer.json, and the files beside it that say how texts begin, end and are put into a chat.
#ifndef UNLOOP_IO_TOKENIZER_JSON_HPP
#define UNLOOP_IO_TOKENIZER_JSON_HPP

#include <unloop/io/end_tokens.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/tokenizer_pipeline_json.hpp>
#include <unloop/io/tokenizer_vocabulary_json.hpp>

#include <algorithm>    // find
#include <filesystem>   // which files are there
#include <optional>     // files and keys that may be absent
#include <string>       // paths
#include <string_view>  // keys
#include <vector>       // ids

namespace unloop::inline v0 {

/// The tokenizer that a tokenizer.json describes, for `any_tokenizer`: ids are those of the tokenizers package.
/// Known are byte-level BPE (GPT-2, SmolLM2) and BPE over code points with byte fallback (Gemma), see
/// docs/concepts/tokenizer.md. Throws `error` naming file and key for everything that the file asks for and the library
/// does not do, for ids that are not 0 .. n-1, and for merges of what is no token.
[[nodiscard]] inline tokenizer_data read_tokenizer_json(const std::string& path) {
    const mapped_file file(path);
    const boost::json::value root = parse_json(detail::text_of(file), {path, {}, 0});
    const json_field document(root, path);
    document.allow({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor",
                    "decoder", "model"});
    detail::expect_member(document, "truncation", "null");
    detail::expect_member(document, "padding", "null");
    const json_field model = document.at("model");
    tokenizer_data data;
    const bool byte_fallback = detail::read_byte_fallback(model);
    if (byte_fallback)
        detail::read_byte_fallback_steps(document, data);
    else
        detail::read_byte_level_steps(document, data);
    detail::read_tokens(document, byte_fallback, data);
    detail::read_merges(model, data);
    if (const auto unknown = model.find_value("unk_token")) {
        const auto id = model.at("vocab").find(unknown->string());
        if (!id) unknown->fail("'" + std::string(unknown->string()) + "' is not in model.vocab");
        data.unknown = static_cast<token_id>(id->count());
    }
    if (const auto processor = document.find_value("post_processor")) detail::read_post_processor(*processor, data);
    return data;
}

namespace detail {

/// A JSON document that is kept as long as its fields are asked.
struct json_file {
    boost::json::value root;
    json_field field;

    explicit json_file(const std::string& path) : root(parse(path)), field(root, path) {}
    json_file(const json_file&) = delete;
    json_file& operator=(const json_file&) = delete;

  private:
    static boost::json::value parse(const std::string& path) {
        const mapped_file file(path);
        return parse_json(text_of(file), {path, {}, 0});
    }
};

/// Ids under `key`: one, a list, or none.
inline std::vector<token_id> read_ids(const json_field& config, std::string_view key, const tokenizer_data& data) {
    std::vector<token_id> ids;
    const auto field = config.find_value(key);
    if (!field) return ids;
    for (const json_field& id : field->value().is_array() ? field->list() : std::vector{*field}) {
        if (id.count() >= data.tokens.size())
            id.fail("must be below " + std::to_string(data.tokens.size()) + ", the number of tokens");
        ids.push_back(static_cast<token_id>(id.count()));
    }
    return ids;
}

/// generation_config.json or config.json: what is not known yet of bos and the tokens that end an answer.
inline void read_config_ids(const json_field& config, tokenizer_data& data) {
    const auto bos = read_ids(config, "bos_token_id", data);
    if (!data.bos && !bos.empty()) data.bos = bos.front();
    if (data.ends.empty()) data.ends = read_ids(config, "eos_token_id", data);
    if (!data.eos && !data.ends.empty()) data.eos = data.ends.front();
}

/// A token of tokenizer_config.json, by text: "<eos>" or {"content": "<eos>", ...}. Not in the vocabulary: none.
inline std::optional<token_id> read_named_token(const json_field& config, std::string_view key,
                                                const tokenizer_data& data) {
    const auto field = config.find_value(key);
    if (!field) return std::nullopt;
    const auto text = field->is_object() ? field->at("content").string() : field->string();
    const auto found = std::find(data.tokens.begin(), data.tokens.end(), text);
    if (found == data.tokens.end()) return std::nullopt;
    return static_cast<token_id>(found - data.tokens.begin());
}

/// One template, or the one called "default" of a list.
inline std::string read_template(const json_field& field) {
    if (!field.value().is_array()) return std::string(field.string());
    for (const json_field& entry : field.list())
        if (entry.at("name").string() == "default") return std::string(entry.at("template").string());
    return {};
}

inline void read_tokenizer_config(const json_field& config, tokenizer_data& data) {
    const auto name = [&](std::string_view key, std::optional<token_id>& id) {
        if (const auto found = read_named_token(config, key, data)) id = found;
    };
    name("bos_token", data.bos);
    name("eos_token", data.eos);
    name("pad_token", data.padding);
    const auto flag = [&](std::string_view key, bool& value) {
        if (const auto found = config.find_value(key)) value = value || found->truth();
    };
    flag("add_bos_token", data.add_bos);
    flag("add_eos_token", data.add_eos);
    if (const auto jinja = config.find_value("chat_template")) data.chat_template = read_template(*jinja);
}

}  // namespace detail

/// The tokenizer of a folder as model hubs hold it; `tokens` is empty when there is no tokenizer.json. Read as well,
/// where they are there: tokenizer_config.json (bos, eos, padding, chat template), chat_template.jinja (counts before
/// the template of tokenizer_config.json), generation_config.json, else config.json (which tokens end an answer).
/// Models with byte fallback (Gemma) are trained on texts that begin with bos: `add_bos` is set for them when there is
/// one, as GGUF files say and although their tokenizer.json leaves it to the chat template.
/// Throws `error`, see `read_tokenizer_json`.
[[nodiscard]] inline tokenizer_data read_hugging_face_tokenizer(const std::string& folder) {
    const auto path_of = [&](std::string_view name) {
        return folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
    };
    const auto is_there = [&](std::string_view name) { return std::filesystem::exists(path_of(name)); };
    if (!is_there("tokenizer.json")) return {};
    tokenizer_data data = read_tokenizer_json(path_of("tokenizer.json"));
    if (is_there("tokenizer_config.json"))
        detail::read_tokenizer_config(detail::json_file(path_of("tokenizer_config.json")).field, data);
    for (const std::string_view name : {"generation_config.json", "config.json"})
        if (is_there(name)) detail::read_config_ids(detail::json_file(path_of(name)).field, data);
    if (is_there("chat_template.jinja")) {
        const mapped_file jinja(path_of("chat_template.jinja"));
        data.chat_template = detail::text_of(jinja);
    }
    if (data.model == "gemma4" && data.bos) data.add_bos = true;
    if ((data.add_bos && !data.bos) || (data.add_eos && !data.eos))
        throw error({path_of("tokenizer_config.json"), {}, {}}, "asks for a bos or eos token that is not known");
    add_turn_ends(data);
    return data;
}

}  // namespace unloop::inline v0

#endif
