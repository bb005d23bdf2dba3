// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Recognised chat templates render as Jinja does; others are refused.
#include <unloop/io/any_chat_format.hpp>
#include <unloop/io/chat_template.hpp>

#include "byte_level_goldens.hpp"
#include "support/fault_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace unloop;

namespace {

boost::json::array templates(const std::string& file = "chat/templates.json") {
    return boost::json::parse(tests::read_golden(file)).as_array();
}

std::vector<chat_message> messages_of(const boost::json::value& conversation) {
    std::vector<chat_message> messages;
    for (const auto& message : conversation.at("messages").as_array())
        messages.push_back({tests::text_of(message.at("role")), tests::text_of(message.at("content"))});
    return messages;
}

chat_options options_of(const boost::json::value& conversation) {
    return {.add_generation_prompt = conversation.at("add_generation_prompt").as_bool()};
}

}  // namespace

TEST_CASE("known templates render as Jinja does", "[chat_template]") {
    int known = 0;
    for (const auto& row : templates()) {
        if (!row.at("known").as_bool()) continue;
        ++known;
        INFO(row.at("name"));
        const auto format = read_chatml(tests::text_of(row.at("template")));
        for (const auto& conversation : row.at("cases").as_array()) {
            CHECK(format.render(messages_of(conversation), options_of(conversation)) ==
                  tests::text_of(conversation.at("rendered")));
        }
    }
    CHECK(known == 8);
}

TEST_CASE("SmolLM2's default system message is read from its template", "[chat_template]") {
    for (const auto& row : templates())
        if (tests::text_of(row.at("name")) == "smollm2") {
            const auto format = read_chatml(tests::text_of(row.at("template")));
            CHECK(format.default_system == "You are a helpful AI assistant named SmolLM, trained by Hugging Face");
        }
}

TEST_CASE("other and broken templates are refused", "[chat_template]") {
    int unknown = 0;
    for (const auto& row : templates()) {
        if (row.at("known").as_bool()) continue;
        ++unknown;
        INFO(row.at("name"));
        CHECK_THROWS_AS(read_chatml(tests::text_of(row.at("template"))), error);
    }
    CHECK(unknown == 17);
    const std::string fault = test::fault_of([] { (void)read_chatml("{% set system = 'x' %}"); });
    CHECK(fault.find("'set system = 'x''") != std::string::npos);
}

TEST_CASE("templates of Gemma's turns render as Jinja does; others are refused", "[chat_template]") {
    int known = 0;
    for (const auto& row : templates("chat/gemma_templates.json")) {
        INFO(row.at("name"));
        const auto text = tests::text_of(row.at("template"));
        if (!row.at("known").as_bool()) {
            CHECK_THROWS_AS(read_chat_template(text), error);
            continue;
        }
        ++known;
        const auto format = read_chat_template(text);
        CHECK(std::holds_alternative<gemma_turns>(format.chosen()));
        for (const auto& conversation : row.at("cases").as_array())
            CHECK(format.render(messages_of(conversation), options_of(conversation)) ==
                  tests::text_of(conversation.at("rendered")));
    }
    CHECK(known == 3);
}
