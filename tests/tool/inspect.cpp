// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// unloop inspect on files whose content is known.
#include "tool/run_tool.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

namespace {

using tool::llama;
using tool::run;

}  // namespace

TEST_CASE("a model's configuration, formats and tensors are told", "[tool]") {
    const auto document = run({"inspect", llama, "--json"}).json();
    const auto& origin = document.at("origin");
    CHECK(origin.at("model").at("path").as_string() == llama);
    CHECK(origin.at("model").at("bytes").to_number<std::uintmax_t>() == std::filesystem::file_size(llama));
    CHECK(boost::json::serialize(origin.at("arguments")) ==
          boost::json::serialize(boost::json::array{"inspect", boost::json::string(llama), "--json"}));
    CHECK_FALSE(origin.at("target").as_string().empty());
    // golden/README.md: 3 layers, hidden 64, MLP 96, 4 heads of 16, 2 of keys and values, vocabulary 272, tied head
    const auto& shape = document.at("configuration");
    CHECK(shape.at("layers").as_array().size() == 3);
    CHECK(boost::json::serialize(shape.at("layers").at(2)) ==
          R"({"neurons":96,"heads":4,"key_value_heads":2,"head_size":16,"window":0,"key_value_layer":2,)"
          R"("experts":0,"experts_used":0,"expert_width":0,"layer_input":0})");
    CHECK(shape.at("hidden").as_int64() == 64);
    CHECK(shape.at("vocabulary").as_int64() == 272);
    CHECK(shape.at("neurons").as_int64() == 3 * 96);
    CHECK(shape.at("tied_head").as_bool());
    CHECK(document.at("fault").is_null());
    // Nine tensors a layer, of which two are norms; the embedding and the final norm.
    CHECK(document.at("tensors").as_array().size() == 3 * 9 + 2);
    std::uint64_t matrices = 0, vectors = 0;
    for (const auto& format : document.at("formats").as_array())
        (format.at("format").as_string() == "BF16" ? matrices : vectors) +=
            format.at("weights").to_number<std::uint64_t>();
    CHECK(matrices == 272 * 64 + 3 * (2 * 64 * 64 + 2 * 32 * 64 + 3 * 96 * 64));
    CHECK(vectors == 7 * 64);
}

TEST_CASE("a person reads the same, and tensors when asked", "[tool]") {
    const auto brief = run({"inspect", llama});
    CHECK(brief.code == 0);
    CHECK(brief.out.find("3 x 96 neurons, 288 in all") != std::string::npos);
    CHECK(brief.out.find("blk.2.ffn_up.weight") == std::string::npos);
    const auto all = run({"inspect", llama, "--tensors"});
    CHECK(all.out.starts_with(brief.out));
    CHECK(all.out.find("blk.2.ffn_up.weight") != std::string::npos);
}

TEST_CASE("what is no model that is known is shown as far as it goes", "[tool]") {
    const auto result = run({"inspect", test::golden("gguf/quants.gguf"), "--json"});
    REQUIRE(result.code == 0);
    const auto document = result.json();
    CHECK(document.at("configuration").is_null());
    CHECK_FALSE(document.at("fault").as_string().empty());
    int known = 0, unknown = 0;
    for (const auto& format : document.at("formats").as_array())
        (format.at("kernels").as_string() == "none" ? unknown : known) += 1;
    CHECK(known >= 5);
    CHECK(unknown + known == static_cast<int>(document.at("formats").as_array().size()));
}
