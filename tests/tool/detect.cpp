// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop detect on text, JSON lines and token ids.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

using tool::run;

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("exit code 1 and one line for a loop, 0 for none", "[tool]") {
    const auto list = run({"detect"}, "Breeds:\n- Poodle\n" + repeated("- Collie\n- Pug\n", 8) + "- ");
    CHECK(list.code == 1);
    CHECK(list.out.starts_with("answer 1: list_collapse, "));
    CHECK(list.out.ends_with("\n1 of 1 answers loop\n"));
    const auto sound = run({"detect"}, "Breeds:\n- Poodle\n- Collie\n- Pug\n");
    CHECK(sound.code == 0);
    CHECK(sound.out == "0 of 1 answers loop\n");
    CHECK(run({"detect"}).out == "0 of 1 answers loop\n");
}

TEST_CASE("exact loops in text without items are found by characters", "[tool]") {
    // 8 characters before the loop; the rule asks for 384 characters.
    const auto found = run({"detect", "--json"}, "It said \u732b\u732b" + repeated("\u00e9abc ", 100));
    CHECK(found.code == 1);
    CHECK(boost::json::serialize(found.json().at("loops")) ==
          R"([{"kind":"periodic","unit":"characters","start":10,"period":5,"copies":76,"evidence":379}])");
    CHECK(run({"detect"}, repeated("abcd ", 76)).code == 0);
    CHECK(run({"detect"}, repeated("abcd ", 77)).code == 1);
    // Long inputs are read in parts: characters across their borders count like any other.
    std::string different;
    for (int i = 0; i < 60000; ++i) different += std::to_string(i * 7919) + "\u00e9";
    CHECK(run({"detect", "--end", "natural"}, different).code == 0);
    CHECK(run({"detect"}, different + repeated("\u732b a ", 200)).code == 1);
}

TEST_CASE("JSON lines hold text, tokens or both, and say how the answer ended", "[tool]") {
    const std::string columns = repeated("- True\n- False\n- False\n- True\n- False\n", 3);
    const std::string text = boost::json::serialize(boost::json::string(columns));
    std::string tokens;
    for (int i = 0; i < 96; ++i) tokens += (i > 0 ? "," : "") + std::to_string(i % 2 == 0 ? 11 : 12);
    const std::string input = "{\"text\":" + text + "}\n\n" +  // cut: few distinct items
                              "{\"text\":" + text +
                              ",\"stop_reason\":\"end_token\"}\n" +                 // ended in a cycle all the same
                              "{\"text\":\"fine\"}\n" +                             //
                              "{\"ids\":[" + tokens + "],\"end\":\"natural\"}\n" +  //
                              "{\"tokens\":[1,2,3],\"text\":\"a\",\"finish_reason\":null}\n";
    const auto result = run({"detect", "--json"}, input);
    CHECK(result.code == 1);
    const auto loops = result.json().at("loops").as_array();
    REQUIRE(loops.size() == 5);
    CHECK(loops[0].at("kind").as_string() == "list_collapse");
    CHECK(loops[2].is_null());
    CHECK(boost::json::serialize(loops[3]) ==
          R"({"kind":"periodic","unit":"tokens","start":0,"period":2,"copies":48,"evidence":94})");
    CHECK(loops[4].is_null());
    CHECK(result.json().at("answers").as_int64() == 5);
}

TEST_CASE("how an answer ended changes what is asked of it", "[tool]") {
    std::string ids;
    for (int i = 0; i < 40; ++i) ids += i % 2 == 0 ? "5 " : "6 ";
    CHECK(run({"detect", "--format", "ids"}, ids).code == 1);  // evidence_at_cut: 36 tokens
    CHECK(run({"detect", "--format", "ids", "--end", "natural"}, ids).code == 0);
    const std::string values = "- a\n- b\n- a\n- b\n- b\n- a\n- a\n- b\n- b\n- b\n- a\n- b\n";
    CHECK(run({"detect"}, values).code == 1);
    CHECK(run({"detect", "--end", "natural"}, values).code == 0);
}

TEST_CASE("records of unloop generate are answers; a text that is not JSON is a text", "[tool]") {
    std::string tokens = "7";
    for (int i = 0; i < 95; ++i) tokens += ",7";
    const std::string row = "{\"tokens\":[" + tokens + "],\"text\":\"\",\"stop_reason\":\"length\"}";
    CHECK(run({"detect"}, "{\"records\":[" + row + "," + row + "]}\n").out.ends_with("2 of 2 answers loop\n"));
    CHECK(run({"detect"}, "{ a brace, and no JSON\n").out == "0 of 1 answers loop\n");
    CHECK(run({"detect", "--format", "text"}, "{\"text\":5}\n").out == "0 of 1 answers loop\n");
}

TEST_CASE("bad lines are named", "[tool]") {
    const test::scratch_folder folder;
    for (const auto& [line, part] :
         std::vector<std::pair<std::string, std::string>>{{"{\"bad\"}", "JSON"},
                                                          {"[1]", "must be a JSON object"},
                                                          {"{\"words\":\"a\"}", "needs \"text\" or \"tokens\""},
                                                          {"{\"text\":5}", "text must be a string"},
                                                          {"{\"tokens\":[-1]}", "integers from 0"},
                                                          {"{\"tokens\":[1.5]}", "integers from 0"},
                                                          {"{\"tokens\":[2147483648]}", "integers from 0"},
                                                          {"{\"tokens\":5}", "list"},
                                                          {"{\"records\":5}", "list"},
                                                          {"{\"text\":\"a\",\"end\":1}", "string"}}) {
        test::write_file(folder.file("a.jsonl"), test::bytes_of("{\"text\":\"a\"}\n" + line + "\n"));
        const auto result = run({"detect", folder.file("a.jsonl")});
        INFO(line << ": " << result.err);
        CHECK(result.failed_on_one_line(3));
        CHECK(result.err.find(part) != std::string::npos);
        CHECK(result.err.find("line 2") != std::string::npos);
    }
}

TEST_CASE("bytes that are no text are survived", "[tool]") {
    std::string bytes;
    for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 131 + i / 256) & 255);
    CHECK(run({"detect"}, bytes).code == 0);
    CHECK(run({"detect"}, std::string(1000, '\0')).code == 1);
    CHECK(run({"detect"}, repeated("\xFF\xC3", 500)).code == 1);
}
