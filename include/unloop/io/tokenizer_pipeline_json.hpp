// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The steps of a tokenizer.json: recognised if a tokenizer of the library takes exactly these, else refused.
#ifndef UNLOOP_IO_TOKENIZER_PIPELINE_JSON_HPP
#define UNLOOP_IO_TOKENIZER_PIPELINE_JSON_HPP

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <unloop/io/field_json.hpp>
#include <unloop/io/tokenizer_data.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <optional>     // steps that may be absent
#include <string>       // messages
#include <string_view>  // names of steps
#include <vector>       // steps

namespace unloop::inline v0::detail {

[[noreturn]] inline void refuse_step(const json_field& step, const std::string& wanted) {
    step.fail(boost::json::serialize(step.value()).substr(0, 200) + " is not supported; " + wanted);
}

/// Refuses a member that is there unless it is null or equal to `json`.
inline void expect_member(const json_field& parent, std::string_view key, std::string_view json) {
    const auto member = parent.find_value(key);
    if (member && member->value() != boost::json::parse({json.data(), json.size()}))
        refuse_step(*member, "known is " + std::string(json));
}

inline bool is_step(const json_field& step, std::string_view type) { return step.at("type").string() == type; }

/// The steps of a "Sequence" under `key`, or the step itself.
inline std::vector<json_field> steps_of(const json_field& step, std::string_view key) {
    if (is_step(step, "Sequence")) return step.at(key).list();
    return {step};
}

/// Whether byte fallback is asked for: the two kinds of BPE. Refuses settings of the merge engine that change ids.
inline bool read_byte_fallback(const json_field& model) {
    if (!is_step(model, "BPE")) refuse_step(model.at("type"), "known is \"BPE\"");
    model.allow({"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                 "byte_fallback", "ignore_merges", "vocab", "merges"});
    expect_member(model, "dropout", "null");
    expect_member(model, "continuing_subword_prefix", "\"\"");
    expect_member(model, "end_of_word_suffix", "\"\"");
    expect_member(model, "ignore_merges", "false");
    const auto fallback = model.find_value("byte_fallback");
    return fallback && fallback->truth();
}

/// ByteLevel with GPT-2's expression and no space put before; true also if single digits are cut out first.
inline bool read_byte_level_cut(const json_field& cut) {
    constexpr std::string_view wanted =
        "known is ByteLevel with use_regex and without add_prefix_space, alone or after Digits with individual_digits";
    const std::vector<json_field> steps = steps_of(cut, "pretokenizers");
    const bool digits = steps.size() == 2;
    if (steps.empty() || steps.size() > 2) refuse_step(cut, std::string(wanted));
    if (digits && !(is_step(steps[0], "Digits") && steps[0].at("individual_digits").truth()))
        refuse_step(steps[0], std::string(wanted));
    const json_field& bytes = steps.back();
    if (!is_step(bytes, "ByteLevel") || bytes.at("add_prefix_space").truth()) refuse_step(bytes, std::string(wanted));
    if (const auto regex = bytes.find_value("use_regex"); regex && !regex->truth())
        refuse_step(bytes, std::string(wanted));
    return digits;
}

inline void read_byte_level_steps(const json_field& document, tokenizer_data& data) {
    data.model = "gpt2";
    expect_member(document, "normalizer", "null");
    data.pre_tokenizer = read_byte_level_cut(document.at("pre_tokenizer")) ? "smollm" : "gpt-2";
    const json_field decoder = document.at("decoder");
    if (!is_step(decoder, "ByteLevel")) refuse_step(decoder, "known is ByteLevel");
}

inline void read_byte_fallback_steps(const json_field& document, tokenizer_data& data) {
    data.model = "gemma4";
    const json_field model = document.at("model");
    const auto fuse = model.find_value("fuse_unk");
    data.fuse_unknown = fuse && fuse->truth();
    for (const char* key : {"normalizer", "decoder"})
        if (!document.find_value(key))
            document.fail(std::string("has no '") + key + "', which BPE over code points needs");
    expect_member(document, "normalizer", R"({"type":"Replace","pattern":{"String":" "},"content":"▁"})");
    expect_member(document, "decoder", R"({"type":"Sequence","decoders":[
        {"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]})");
    // A cut at spaces finds none: the normaliser has replaced them.
    if (const auto cut = document.find_value("pre_tokenizer")) {
        const bool at_spaces =
            is_step(*cut, "Split") && cut->at("pattern").value() == boost::json::parse(R"({"String":" "})");
        if (!at_spaces || cut->at("invert").truth()) refuse_step(*cut, "known is none, or Split at \" \"");
    }
}

/// Tokens before or after a text: sets bos or eos. `first`: before.
inline void read_template_token(const json_field& processor, const json_field& token, bool first,
                                tokenizer_data& data) {
    const json_field ids = processor.at("special_tokens").at(token.at("id").string()).at("ids");
    const std::vector<json_field> list = ids.list();
    if (list.size() != 1 || list[0].count() >= data.tokens.size()) ids.fail("must be the id of one token");
    (first ? data.bos : data.eos) = static_cast<token_id>(list[0].count());
    (first ? data.add_bos : data.add_eos) = true;
}

/// Reads what encoding adds: nothing, or one token before and one after the text.
inline void read_post_processor(const json_field& processor, tokenizer_data& data) {
    for (const json_field& step : steps_of(processor, "processors")) {
        if (is_step(step, "ByteLevel")) continue;  // moves offsets, not ids
        if (!is_step(step, "TemplateProcessing")) refuse_step(step, "known are ByteLevel and TemplateProcessing");
        bool first = true;
        std::size_t before = 0, after = 0;
        for (const json_field& part : step.at("single").list()) {
            const auto token = part.find("SpecialToken");
            if (!token && !first) refuse_step(step, "known is one text in \"single\"");
            if (token)
                read_template_token(step, *token, first, data);
            else
                first = false;
            before += token && first ? 1U : 0U;
            after += token && !first ? 1U : 0U;
        }
        if (first || before > 1 || after > 1) refuse_step(step, "known is at most one token before and after the text");
    }
}

}  // namespace unloop::inline v0::detail

#endif
