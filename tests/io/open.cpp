// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A path is opened as what it holds, and either container serves as one type.
#include <unloop/io/open.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <unloop/io/load.hpp>

#include "support/golden.hpp"

using namespace unloop;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Equals;
using Catch::Matchers::MessageMatches;

TEST_CASE("folders and GGUF files of one model open as the same family with the same parameters") {
    const any_checkpoint folder = open(golden::path("models/moe")), file = open(golden::path("gguf/moe.bf16.gguf"));
    CHECK(
        folder.visit([](const auto& held) { return std::is_same_v<decltype(held), const hugging_face::checkpoint&>; }));
    CHECK(file.visit([](const auto& held) { return std::is_same_v<decltype(held), const gguf::checkpoint&>; }));
    const auto parameters = [](const any_checkpoint& either) {
        any_decoder<reference> decoder = load<any_decoder>(either, reference{}).decoder();
        std::size_t values = 0;
        decoder.for_each_parameter(
            [&](parameter_name, parameter_shape shape, auto&) { values += shape.rows * shape.columns; });
        return values;
    };
    CHECK(parameters(folder) == parameters(file));
    for (const any_checkpoint* const either : {&folder, &file}) {
        INFO(either->path());
        CHECK(read_config(*either).family == "gemma4");
        CHECK(weight_bytes(*either) > parameters(*either));
        const tensor_part up = locate(*either, {1, parameter_role::expert_up, 3});
        CHECK(up.index == 7);
        CHECK(up.count == 16);
    }
}

TEST_CASE("a single file out of a folder is refused with a word") {
    CHECK_THROWS_MATCHES(open(golden::path("models/llama/model.safetensors")), error,
                         MessageMatches(ContainsSubstring("give the folder")));
    CHECK_THROWS_MATCHES(open(golden::path("models/llama/config.json")), error,
                         MessageMatches(ContainsSubstring("give the folder")));
    CHECK_THROWS_MATCHES(open(golden::path("models/moe/model.safetensors.index.json")), error,
                         MessageMatches(ContainsSubstring("give the folder")));
}

TEST_CASE("what is no checkpoint at all is refused by its path") {
    const auto refused = [](const std::string& name, const std::string& why) {
        CHECK_THROWS_MATCHES(open(golden::path(name)), error, MessageMatches(Equals(golden::path(name) + ": " + why)));
    };
    refused("models/none", "cannot be opened for reading: No such file or directory");
    refused("README.md", "at offset 0: is not a GGUF file");
    refused("models", "has neither model.safetensors nor model.safetensors.index.json");
}
