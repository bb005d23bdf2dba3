// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Loading: what a sound container must hold to be a model, and refusals that name what is wrong.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>

#include "hostile_files.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

/// What loading says, or "none".
std::string fault_of_model(const std::string& path) {
    return test::fault_of([&] { const auto loaded = load<any_decoder>(gguf::open(path), dispatched{}); });
}

}  // namespace

TEST_CASE("files that are sound GGUF and no model of a known family are refused by name") {
    int refused = 0;
    for (const test::hostile_file& file : test::hostile_files("gguf")) {
        INFO(file.path << ": " << file.defect);
        const std::string message = fault_of_model(file.path);
        CHECK(message.starts_with(file.path + ": "));  // none of the collection is a whole model
        ++refused;
    }
    CHECK(refused > 50);
    CHECK(fault_of_model(test::golden("hostile/gguf/architecture_unknown.gguf")).find("'nonesuch'") !=
          std::string::npos);
    CHECK(fault_of_model(test::golden("hostile/gguf/block_count_huge.gguf")).find("'llama.block_count'") !=
          std::string::npos);
}

TEST_CASE("a model whose bytes are damaged loads or is refused, and nothing else happens") {
    const test::scratch_folder folder;
    const std::string path = folder.file("damaged.gguf");
    for (const char* const name : {"gguf/llama.q8_0.gguf", "gguf/moe.bf16.gguf", "gguf/e_like.bf16.gguf"}) {
        INFO(name);
        const test::byte_vector sound = test::read_file(test::golden(name));
        random_sequence random(17);
        int refused = 0;
        for (int i = 0; i < 250; ++i) {
            // Mutations where keys and the list of tensors stand; the data behind them is any bytes anyway.
            const std::ptrdiff_t part = i % 2 == 0 ? 2048 : 16384;
            test::byte_vector head(sound.begin(), sound.begin() + part);
            head = test::mutate(std::move(head), random);
            head.insert(head.end(), sound.begin() + part, sound.end());
            test::write_file(path, head);
            refused += fault_of_model(path) != "none";
        }
        CHECK(refused > 60);
        CHECK(fault_of_model(test::golden(name)) == "none");
    }
}
