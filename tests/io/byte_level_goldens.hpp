// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Golden files of the byte-level tokenizer and of SmolLM2, as the tests read them.
#ifndef UNLOOP_TESTS_IO_BYTE_LEVEL_GOLDENS_HPP
#define UNLOOP_TESTS_IO_BYTE_LEVEL_GOLDENS_HPP

#include <unloop/io/tokenizer.hpp>
#include <unloop/io/tokenizer_data.hpp>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace unloop::tests {

inline std::string read_golden(const std::string& name) {
    std::ifstream file(std::string(UNLOOP_TEST_DATA) + "/" + name, std::ios::binary);
    if (!file) throw std::runtime_error("no golden file " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<boost::json::value> read_golden_lines(const std::string& name) {
    const std::string text = read_golden(name);
    std::vector<boost::json::value> rows;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        rows.push_back(boost::json::parse(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return rows;
}

inline std::string text_of(const boost::json::value& value) { return boost::json::value_to<std::string>(value); }

inline std::vector<token_id> ids_of(const boost::json::value& value) {
    return boost::json::value_to<std::vector<token_id>>(value);
}

/// golden/tokenizer/bytelevel/tokenizer.json.
inline tokenizer_data byte_level_data() {
    const auto json = boost::json::parse(read_golden("tokenizer/bytelevel/tokenizer.json"));
    tokenizer_data data;
    data.model = "gpt2";
    data.pre_tokenizer = "smollm";
    const auto& vocabulary = json.at("model").at("vocab").as_object();
    data.tokens.resize(vocabulary.size());
    data.kinds.assign(vocabulary.size(), token_kind::normal);
    for (const auto& [text, id] : vocabulary) data.tokens.at(id.to_number<std::size_t>()) = text;
    for (const auto& token : json.at("added_tokens").as_array())
        data.kinds.at(token.at("id").to_number<std::size_t>()) =
            token.at("special").as_bool() ? token_kind::control : token_kind::user_defined;
    for (const auto& pair : json.at("model").at("merges").as_array())
        data.merges.emplace_back(text_of(pair.at(0)), text_of(pair.at(1)));
    return data;
}

inline const byte_level_tokenizer& golden_byte_level() {
    static const byte_level_tokenizer tokenizer(byte_level_data());
    return tokenizer;
}

/// One prompt of golden/smollm2/cases.json.
struct smollm2_case {
    bool chat;  ///< whether `prompt` is `text` as the first message of a chat
    std::string text;
    std::string prompt;
    std::vector<token_id> ids;
    std::vector<token_id> greedy;
    std::string greedy_text;
};

inline std::vector<smollm2_case> smollm2_cases() {
    const auto json = boost::json::parse(read_golden("smollm2/cases.json"));
    std::vector<smollm2_case> cases;
    for (const auto& row : json.at("cases").as_array())
        cases.push_back({row.at("chat").as_bool(), text_of(row.at("text")), text_of(row.at("prompt")),
                         ids_of(row.at("ids")), ids_of(row.at("greedy")), text_of(row.at("greedy_text"))});
    return cases;
}

}  // namespace unloop::tests

#endif
