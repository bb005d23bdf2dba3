// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Folders as transformers saves them: whole or in shards, damaged ones refused with the file at fault.
#include <unloop/io/hugging_face_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>

#include <filesystem>
#include <map>

#include "hostile_files.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

/// What loading the folder says, or "none".
std::string fault_of_folder(const std::string& folder) {
    return test::fault_of([&] { const auto loaded = load<any_decoder>(hugging_face::open(folder), dispatched{}); });
}

/// A copy of a golden model that a test may damage.
struct damaged {
    test::scratch_folder scratch;
    std::string path = scratch.file("model");
    explicit damaged(const std::string& model) { std::filesystem::copy(test::golden(model), path); }
    [[nodiscard]] std::string file(const std::string& name) const { return path + "/" + name; }
    /// Replaces the first `old` in a file by as many bytes.
    void replace(const std::string& name, const std::string& old, const std::string& replacement) const {
        const test::byte_vector bytes = test::read_file(file(name));
        std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        const std::size_t at = text.find(old);
        REQUIRE(at != std::string::npos);
        text.replace(at, old.size(), replacement);
        test::write_file(file(name), test::bytes_of(text));
    }
};

}  // namespace

TEST_CASE("every golden model opens and loads, whatever its layout") {
    const std::map<std::string, std::string> families{
        {"llama", "llama"},   {"mixtral", "mixtral"},   {"dense", "gemma4"},  {"moe", "gemma4"},
        {"e_like", "gemma4"}, {"e_like_hub", "gemma4"}, {"unified", "gemma4"}};
    for (const auto& [model, family] : families) {
        INFO(model);
        const std::string folder = test::golden("models/" + model);
        const auto file = hugging_face::open(folder);
        CHECK(file.path() == folder);
        CHECK(read_config(file).family == family);
        CHECK(read_tokenizer(file).tokens.empty());
        CHECK(file.files().size() == (model == "moe" ? 3 : 1));
        CHECK(fault_of_folder(folder) == "none");
        CHECK(fault_of_folder(folder + "/") == "none");
    }
}

TEST_CASE("damaged checkpoints are refused, sound ones load") {
    std::map<std::string, std::string> said;
    for (const auto& file : test::hostile_files("checkpoint")) {
        INFO(file.path << ": " << file.defect);
        const std::string message = fault_of_folder(file.path);
        CHECK((message == "none") == file.accepted);
        if (!file.accepted) CHECK(message.starts_with(file.path));
        said[file.name] = message;
    }
    CHECK(said.size() == 24);
    const auto names = [&](const char* folder, const char* part) {
        INFO(said.at(folder));
        CHECK(said.at(folder).find(part) != std::string::npos);
    };
    names("config_heads", "/config.json: 'num_key_value_heads'");
    names("config_unknown_type", "/config.json: 'model_type'");
    names("config_wrong_width", "/model.safetensors: 'model.layers.0.mlp.gate_proj.weight' at offset ");
    names("tensor_missing", "'model.layers.1.self_attn.q_proj.weight': there is no such tensor");
    names("tensor_wrong_shape", "/model.safetensors: 'model.layers.1.self_attn.q_proj.weight' at offset ");
    names("tensor_wrong_dtype", "cannot compute with numbers of type I32");
    names("shard_missing", "/model-00003-of-00003.safetensors: cannot be opened");
    names("shard_parent_path", "'../valid/model.safetensors' is no name of a file in this folder");
    names("index_wrong_shard", "'model.layers.1.self_attn.q_proj.weight': the tensor is not in this file");
    names("index_no_map", "/model.safetensors.index.json: 'weight_map'");
    names("no_weights", "has neither model.safetensors nor model.safetensors.index.json");
}

TEST_CASE("what loading lacks or has too much is named, in any shard") {
    const damaged extra("models/moe"), lacking("models/moe"), twice("models/moe");
    const std::string shard = "model-00002-of-00003.safetensors", index = "model.safetensors.index.json";
    // Names of equal length keep the shard's layout.
    extra.replace(shard, "model.layers.1.router.scale", "model.layers.1.router.other");
    extra.replace(index, "model.layers.1.router.scale", "model.layers.1.router.other");
    CHECK(fault_of_folder(extra.path) == extra.path + ": 'model.layers.1.router.scale': there is no such tensor");
    lacking.replace(index, "\"model.layers.0.router.scale\"", "\"model.layers.0.router.other\"");
    CHECK(fault_of_folder(lacking.path).find("'model.layers.0.router.other': the tensor is not in this file") !=
          std::string::npos);
    test::write_file(twice.file("model-00003-of-00003.safetensors"), test::read_file(twice.file(shard)));
    CHECK(fault_of_folder(twice.path).find("the tensor is ") != std::string::npos);

    const damaged stray("models/e_like");
    stray.replace("config.json", "\"hidden_size_per_layer_input\": 12", "\"hidden_size_per_layer_input\": 0");
    CHECK(fault_of_folder(stray.path).find("is no parameter of this family") != std::string::npos);
    const damaged vision("models/e_like_hub");  // what a text model skips, and what only looks like it
    vision.replace("model.safetensors", "model.vision_tower.", "model.vision_other.");
    CHECK(fault_of_folder(vision.path).find("'model.vision_other.") != std::string::npos);
}

TEST_CASE("a head that is stored beside a tied table is a head of its own, and one that is missing is named") {
    CHECK(hugging_face::open(test::golden("models/llama")).config().tied_head);
    const damaged untied("models/llama"), stored("models/mixtral");
    untied.replace("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
    CHECK(fault_of_folder(untied.path) == untied.path + ": 'lm_head.weight': there is no such tensor");
    stored.replace("config.json", "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
    CHECK_FALSE(hugging_face::open(stored.path).config().tied_head);
    CHECK(fault_of_folder(stored.path) == "none");
}

TEST_CASE("an index whose values are no names of files is refused") {
    const damaged model("models/moe");
    const std::string index = model.file("model.safetensors.index.json");
    for (const std::string value : {"7", "\"\"", "\".hidden\"", "\"a/b\"", "\"/etc/passwd\"", "null"}) {
        test::write_file(index, test::bytes_of("{\"weight_map\": {\"x\": " + value + "}}"));
        INFO(value);
        CHECK(fault_of_folder(model.path).starts_with(index + ": 'x': "));
    }
    test::write_file(index, test::bytes_of("{\"weight_map\": []}"));
    CHECK(fault_of_folder(model.path) == index + ": 'weight_map': must be an object");
    test::write_file(index, test::bytes_of("{\"weight_map\": {}}"));
    CHECK(fault_of_folder(model.path) != "none");
}

TEST_CASE("a checkpoint whose configuration is damaged loads or is refused, and nothing else happens") {
    const damaged model("models/e_like");
    const test::byte_vector sound = test::read_file(model.file("config.json"));
    random_sequence random(23);
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        test::write_file(model.file("config.json"), test::mutate(sound, random));
        refused += fault_of_folder(model.path) != "none";
    }
    CHECK(refused > 100);
}
