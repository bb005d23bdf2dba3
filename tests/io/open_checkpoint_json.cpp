// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A path becomes the checkpoint that it holds.
#include <unloop/io/open_checkpoint_json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <type_traits>

#include "scratch_folder.hpp"

using namespace unloop;

namespace {

/// "folder FAMILY" or "file FAMILY", or what is refused.
std::string opened(const std::string& path) {
    try {
        return open_checkpoint(path, [](const auto& file) {
            const bool is_file = std::is_same_v<std::remove_cvref_t<decltype(file)>, gguf::checkpoint>;
            return (is_file ? "file " : "folder ") + read_config(file).family;
        });
    } catch (const error& fault) {
        return fault.what();
    }
}

}  // namespace

TEST_CASE("a folder is a checkpoint of transformers, a file is GGUF") {
    CHECK(opened(test::golden("models/moe")) == "folder gemma4");
    CHECK(opened(test::golden("models/mixtral/")) == "folder mixtral");
    CHECK(opened(test::golden("gguf/moe.bf16.gguf")) == "file gemma4");
    CHECK(opened(test::golden("gguf/llama.q8_0.gguf")) == "file llama");
}

TEST_CASE("a part of a checkpoint is refused with the way out") {
    for (const char* const part : {"model-00001-of-00003.safetensors", "model.safetensors.index.json", "config.json"}) {
        const std::string path = test::golden(std::string("models/moe/") + part);
        CHECK(opened(path) == path + ": is a part of a checkpoint; give the folder that holds it and its config.json");
    }
    const std::string none = test::golden("models/none");
    CHECK(opened(none) == none + ": cannot be opened for reading: No such file or directory");
    const std::string text = test::golden("README.md");
    CHECK(opened(text) == text + ": at offset 0: is not a GGUF file");
    const test::scratch_folder folder;
    CHECK(opened(folder.path()) == folder.path() + ": has neither model.safetensors nor model.safetensors.index.json");
}
