// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What tokenizer.json and the files beside it become, and what is refused: every setting that would give other ids than
// the tokenizers package, and files that do not fit themselves. (The ids themselves: any_tokenizer.cpp.)
#include <unloop/io/tokenizer_json.hpp>

#include <unloop/io/any_tokenizer.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include "scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

using namespace unloop;

namespace {

/// A small Gemma-like file: bytes "<0x61>" 0; "b" 1, "c" 2, "bc" 3, "<unk>" 4, added "<s>" 5.
constexpr std::string_view gemma_like = R"({"version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [{"id": 5, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                    "normalized": false, "special": true}],
  "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
  "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": false},
  "post_processor": null,
  "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                                               {"type": "ByteFallback"}, {"type": "Fuse"}]},
  "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
            "vocab": {"<0x61>": 0, "b": 1, "c": 2, "bc": 3, "<unk>": 4}, "merges": [["b", "c"]]}})";

/// A small byte-level file: "a" 0, "b" 1, "ab" 2.
constexpr std::string_view byte_level_like = R"({"version": "1.0", "added_tokens": [],
  "normalizer": null, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
  "post_processor": null, "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}})";

std::string write(const test::scratch_folder& folder, const std::string& name, std::string_view text) {
    test::write_file(folder.file(name), std::as_bytes(std::span(text)));
    return folder.file(name);
}

tokenizer_data read(const test::scratch_folder& folder, std::string_view json) {
    return read_tokenizer_json(write(folder, "tokenizer.json", json));
}

/// `json` with `from`, which must be there, replaced by `to`.
std::string with(std::string_view json, std::string_view from, std::string_view to) {
    std::string changed(json);
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, from.size(), to);
}

/// The message with which `json` is refused; it names the file.
std::string refusal(std::string_view json) {
    const test::scratch_folder folder;
    try {
        static_cast<void>(read(folder, json));
    } catch (const error& caught) {
        CHECK(caught.place().file.ends_with("tokenizer.json"));
        return caught.what();
    }
    return "not refused";
}

}  // namespace

TEST_CASE("tokens, kinds and merges of both kinds of file", "[tokenizer_json]") {
    const test::scratch_folder folder;
    const auto gemma = read(folder, gemma_like);
    CHECK(gemma.model == "gemma4");
    CHECK(gemma.pre_tokenizer.empty());
    CHECK(gemma.tokens == std::vector<std::string>{"<0x61>", "b", "c", "bc", "<unk>", "<s>"});
    CHECK(gemma.kinds == std::vector{token_kind::byte, token_kind::normal, token_kind::normal, token_kind::normal,
                                     token_kind::normal, token_kind::control});
    CHECK(gemma.merges == std::vector<merge_pair>{{"b", "c"}});
    CHECK(gemma.unknown == 4);
    CHECK(gemma.fuse_unknown);
    CHECK_FALSE(gemma.add_bos);
    CHECK(any_tokenizer(gemma).encode("<s>bca?") == std::vector<token_id>{5, 3, 0, 4});

    const auto bytes = read(folder, byte_level_like);
    CHECK(bytes.model == "gpt2");
    CHECK(bytes.pre_tokenizer == "gpt-2");
    CHECK(bytes.merges == std::vector<merge_pair>{{"a", "b"}});
    const std::string digits = R"({"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
        {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}]})";
    const std::string plain = R"({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true})";
    CHECK(read(folder, with(byte_level_like, plain, digits)).pre_tokenizer == "smollm");
}

TEST_CASE("settings that would change ids are refused by key", "[tokenizer_json]") {
    struct change {
        std::string_view json, from, to, key;
    };
    for (const auto& [json, from, to, key] : std::initializer_list<change>{
             {gemma_like, "\"truncation\": null", "\"truncation\": {\"max_length\": 8}", "truncation"},
             {gemma_like, "\"padding\": null", "\"padding\": {}", "padding"},
             {gemma_like, "\"version\"", "\"versions\"", "versions"},
             {gemma_like, "\"type\": \"BPE\"", "\"type\": \"Unigram\"", "model.type"},
             {gemma_like, "\"dropout\": null", "\"dropout\": 0.1", "model.dropout"},
             {gemma_like, "\"continuing_subword_prefix\": null", "\"continuing_subword_prefix\": \"##\"", "prefix"},
             {gemma_like, "\"end_of_word_suffix\": null", "\"end_of_word_suffix\": \"</w>\"", "suffix"},
             {gemma_like, "\"ignore_merges\": false", "\"ignore_merges\": true", "model.ignore_merges"},
             {gemma_like, "\"byte_fallback\": true", "\"byte_fallback\": 1", "model.byte_fallback"},
             {gemma_like, "\"byte_fallback\": true", "\"byte_fallback\": false", "normalizer"},
             {gemma_like, "\"dropout\"", "\"cache\": 1, \"dropout\"", "cache"},
             {gemma_like, "\"content\": \"▁\"", "\"content\": \"_\"", "normalizer"},
             {gemma_like, "\"type\": \"Replace\"", "\"type\": \"NFKC\"", "normalizer"},
             {gemma_like, "\"invert\": false", "\"invert\": true", "pre_tokenizer"},
             {gemma_like, "\"type\": \"Split\"", "\"type\": \"Metaspace\"", "pre_tokenizer"},
             {gemma_like, "{\"type\": \"Fuse\"}", "{\"type\": \"Strip\"}", "decoder"},
             {gemma_like, "\"post_processor\": null", "\"post_processor\": {\"type\": \"Roberta\"}", "post_processor"},
             {gemma_like, "\"lstrip\": false", "\"lstrip\": true", "added_tokens[0].lstrip"},
             {gemma_like, "\"rstrip\": false", "\"rstrip\": true", "added_tokens[0].rstrip"},
             {gemma_like, "\"single_word\": false", "\"single_word\": true", "added_tokens[0].single_word"},
             {gemma_like, "\"<s>\"", "\"<0x62>\"", "written as a byte"},
             {byte_level_like, "\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}", "normalizer"},
             {byte_level_like, "\"add_prefix_space\": false", "\"add_prefix_space\": true", "pre_tokenizer"},
             {byte_level_like, "\"trim_offsets\": true", "\"use_regex\": false", "pre_tokenizer"},
             {byte_level_like, "\"type\": \"ByteLevel\", \"add", "\"type\": \"Whitespace\", \"add", "pre_tokenizer"},
             {byte_level_like, "\"decoder\": {\"type\": \"ByteLevel\"}", "\"decoder\": null", "decoder"}}) {
        INFO(from << " -> " << to);
        CHECK(refusal(with(json, from, to)).find(key) != std::string::npos);
    }
}

TEST_CASE("files that do not fit themselves are refused by key", "[tokenizer_json]") {
    struct change {
        std::string_view from, to, part;
    };
    for (const auto& [from, to, part] :
         std::initializer_list<change>{{"\"model\"", "\"modal\"", "modal"},
                                       {"\"vocab\": {", "\"vocab\": [], \"x\": {", "model"},
                                       {"\"merges\": [[\"b\", \"c\"]]", "\"merges\": {}", "model.merges"},
                                       {"[\"b\", \"c\"]", "[\"b\", \"d\"]", "merge 0 needs 'd'"},
                                       {"[\"b\", \"c\"]", "[\"c\", \"b\"]", "merge 0 needs 'cb'"},
                                       {"[\"b\", \"c\"]", "[\"b\", \"c\"], \"b c\"", "merge 1 is there already"},
                                       {"[\"b\", \"c\"]", "\"bc\"", "merge 0 must be two tokens"},
                                       {"[\"b\", \"c\"]", "[\"b\", 3]", "merge 0 must be two tokens"},
                                       {"[\"b\", \"c\"]", "[\"b\"]", "merge 0 must be two tokens"},
                                       {"[\"b\", \"c\"]", "7", "merge 0 must be two tokens"},
                                       {"\"b\": 1", "\"b\": 2", "has the id 2, as has"},
                                       {"\"b\": 1", "\"b\": \"1\"", "must be an integer"},
                                       {"\"b\": 1", "\"b\": -1", "must be an integer"},
                                       {"\"b\": 1", "\"b\": 1.0", "must be an integer"},
                                       {"\"b\": 1", "\"b\": 6", "has the id 6, but there are 6 tokens"},
                                       {"\"b\": 1", "\"b\": 18446744073709551615", "but there are 6 tokens"},
                                       {"\"b\": 1", "\"b\": 1, \"b\": 1", "appears twice"},
                                       {"\"id\": 5", "\"id\": 4294967301", "but there are 6 tokens"},
                                       {"\"id\": 5", "\"id\": 1", "has the id 1, as has 'b'"},
                                       {"\"<s>\"", "\"b\"", "another id than in model.vocab"},
                                       {"\"special\": true", "\"special\": 1", "added_tokens[0].special"},
                                       {"\"content\": \"<s>\"", "\"content\": null", "added_tokens[0].content"},
                                       {"\"added_tokens\": [", "\"added_tokens\": [3, ", "added_tokens[0]"},
                                       {"\"unk_token\": \"<unk>\"", "\"unk_token\": \"<u>\"", "model.unk_token"},
                                       {"{\"version\"", "{{\"version\"", "JSON"}}) {
        INFO(from << " -> " << to);
        CHECK(refusal(with(gemma_like, from, to)).find(part) != std::string::npos);
    }
    CHECK(refusal("[]").find("must be an object") != std::string::npos);
    CHECK(refusal("null").find("must be an object") != std::string::npos);
    const std::string deep(5000, '[');
    CHECK(refusal(deep).find("JSON") != std::string::npos);
    for (std::size_t length = 1; length < gemma_like.size(); length += 7)
        REQUIRE(refusal(gemma_like.substr(0, length)) != "not refused");
}

TEST_CASE("normalized added tokens are read unless a second pass would find others", "[tokenizer_json]") {
    const test::scratch_folder folder;
    CHECK(read(folder, with(gemma_like, "\"normalized\": false", "\"normalized\": true")).tokens.size() == 6);
    const auto two = [](std::string_view text, std::string_view normalized) {
        return with(gemma_like, "\"added_tokens\": [",
                    "\"added_tokens\": [{\"id\": 6, \"content\": \"" + std::string(text) +
                        "\", \"special\": false, \"normalized\": " + std::string(normalized) + "}, ");
    };
    CHECK(read(folder, two("x>", "true")).kinds.back() == token_kind::user_defined);
    CHECK(read(folder, two("<s>x", "false")).tokens.back() == "<s>x");
    for (const char* overlapping : {"<s>x", "x<s>", "x<s", "s>x", "s"}) {
        INFO(overlapping);
        CHECK(refusal(two(overlapping, "true")).find("can overlap '<s>'") != std::string::npos);
    }
    CHECK(refusal(two("x y", "true")).find("has a space") != std::string::npos);
}

TEST_CASE("a post-processor adds bos and eos", "[tokenizer_json]") {
    const test::scratch_folder folder;
    const auto processed = [](std::string_view single) {
        return with(gemma_like, "\"post_processor\": null",
                    R"("post_processor": {"type": "TemplateProcessing", "single": [)" + std::string(single) +
                        R"(], "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [5], "tokens": ["<s>"]},
                           "<t>": {"id": "<t>", "ids": [6], "tokens": ["<t>"]}}})");
    };
    const std::string text = R"({"Sequence": {"id": "A", "type_id": 0}})";
    const std::string special = R"({"SpecialToken": {"id": "<s>", "type_id": 0}})";
    const auto before = read(folder, processed(special + ", " + text));
    CHECK(before.add_bos);
    CHECK(before.bos == 5);
    CHECK_FALSE(before.add_eos);
    CHECK(any_tokenizer(before).encode("b") == std::vector<token_id>{5, 1});
    const auto after = read(folder, processed(text + ", " + special));
    CHECK(after.add_eos);
    CHECK(after.eos == 5);
    for (const auto& single : {special + ", " + special + ", " + text, text + ", " + text, special,
                               with(special, "<s>", "<t>") + ", " + text, with(special, "<s>", "<u>") + ", " + text})
        CHECK(refusal(processed(single)).find("post_processor") != std::string::npos);
    const auto byte_level = with(byte_level_like, "\"post_processor\": null",
                                 R"("post_processor": {"type": "ByteLevel", "trim_offsets": false})");
    CHECK_FALSE(read(folder, byte_level).add_bos);
}

TEST_CASE("a folder: bos, ends and template from the files beside", "[tokenizer_json]") {
    const test::scratch_folder folder;
    const std::string path = folder.path();
    CHECK(read_hugging_face_tokenizer(path).tokens.empty());
    std::string vocabulary =
        with(gemma_like, "\"<unk>\": 4", "\"<unk>\": 4, \"<eos>\": 6, \"<turn|>\": 7, \"<bos>\": 8");
    write(folder, "tokenizer.json", vocabulary);
    const auto alone = read_hugging_face_tokenizer(path);
    CHECK(alone.tokens.size() == 9);
    CHECK_FALSE(alone.bos);
    CHECK_FALSE(alone.add_bos);
    CHECK(alone.ends.empty());

    write(folder, "config.json", R"({"eos_token_id": 3, "bos_token_id": 8, "pad_token_id": -1})");
    CHECK(read_hugging_face_tokenizer(path).ends == std::vector<token_id>{3});
    write(folder, "generation_config.json", R"({"eos_token_id": [6, 2], "bos_token_id": 8})");
    auto data = read_hugging_face_tokenizer(path);
    CHECK(data.ends == std::vector<token_id>{6, 2});
    CHECK(data.eos == 6);
    CHECK(data.bos == 8);
    CHECK(data.add_bos);  // of Gemma's kind
    CHECK(any_tokenizer(data).encode("b") == std::vector<token_id>{8, 1});
    CHECK_FALSE(data.turn_end);

    write(folder, "tokenizer_config.json", R"({"bos_token": {"content": "<s>"}, "eos_token": "<eos>", "pad_token": null,
        "unk_token": "<unk>", "chat_template": [{"name": "tools", "template": "T"}, {"name": "default", "template":
        "<turn|>"}]})");
    data = read_hugging_face_tokenizer(path);
    CHECK(data.bos == 5);
    CHECK(data.chat_template == "<turn|>");
    CHECK(data.turn_end == 7);
    CHECK(data.ends == std::vector<token_id>{6, 2, 7});
    write(folder, "chat_template.jinja", "{# the file counts #}\n");
    data = read_hugging_face_tokenizer(path);
    CHECK(data.chat_template == "{# the file counts #}\n");
    CHECK(data.ends == std::vector<token_id>{6, 2});

    write(folder, "generation_config.json", R"({"eos_token_id": [6, 9]})");
    CHECK_THROWS_AS(read_hugging_face_tokenizer(path), error);
    write(folder, "generation_config.json", R"({"eos_token_id": "6"})");
    CHECK_THROWS_AS(read_hugging_face_tokenizer(path), error);
    write(folder, "generation_config.json", "{}");
    write(folder, "tokenizer_config.json", R"({"add_eos_token": true, "eos_token": "<end>"})");
    write(folder, "config.json", "{}");
    CHECK_THROWS_AS(read_hugging_face_tokenizer(path), error);
}

TEST_CASE("a checkpoint's folder brings its tokenizer", "[tokenizer_json]") {
    const test::scratch_folder folder;
    for (const std::string name : {"config.json", "model.safetensors"})
        test::write_file(folder.file(name), test::read_file(test::golden("models/llama/" + name)));
    CHECK(read_tokenizer(hugging_face::open(folder.path())).tokens.empty());
    write(folder, "tokenizer.json", byte_level_like);
    const auto data = read_tokenizer(hugging_face::open(folder.path()));
    CHECK(data.tokens == std::vector<std::string>{"a", "b", "ab"});
    CHECK(data.eos == 2);  // of config.json
    write(folder, "tokenizer.json", "{}");
    CHECK_THROWS_AS(hugging_face::open(folder.path()), error);
}

TEST_CASE("a byte-level folder adds nothing that its files do not ask for", "[tokenizer_json]") {
    const test::scratch_folder folder;
    write(folder, "tokenizer.json", byte_level_like);
    write(folder, "generation_config.json", R"({"eos_token_id": 2, "bos_token_id": 1})");
    auto data = read_hugging_face_tokenizer(folder.path());
    CHECK_FALSE(data.add_bos);
    CHECK(data.ends == std::vector<token_id>{2});
    write(folder, "tokenizer_config.json", R"({"add_bos_token": true})");
    CHECK(read_hugging_face_tokenizer(folder.path()).add_bos);
}
