// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Receipts as documents: one read back undoes the edit.
#include <unloop/edit/receipt_json.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/operators.hpp>

#include "edit/golden_llama.hpp"
#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

}  // namespace

TEST_CASE("a receipt read back from its file is the same and undoes the edit") {
    const test::scratch_folder folder;
    for (const char* const name : {test::bf16_llama, test::q8_llama})
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const std::string source = golden::path(name), edited = folder.file("edited");
            const plan edits = test::random_plan(seed, 1 + seed, {0.0F, -1.0F, 2.5F, -0.8F, 1e-7F});
            const receipt done = apply(edits, gguf::open(source), edited);
            write_json(folder.file("receipt.json"), to_json(done));
            const receipt read = read_receipt(folder.file("receipt.json"));
            CHECK(read == done);
            undo(read, edited, folder.file("restored"));
            CHECK((test::read_file(folder.file("restored")) == test::read_file(source)));
        }
}

TEST_CASE("what is wrong in a receipt is named") {
    const plan edits = suppress(neuron_id{1, 2});
    const receipt done = apply(edits, gguf::open(golden::path(test::q8_llama)), "edited", {.dry_run = true});
    const auto fault_with = [&](const std::string& old, const std::string& replacement) {
        std::string text = boost::json::serialize(to_json(done));
        const std::size_t at = text.find(old);
        REQUIRE(at != std::string::npos);
        text.replace(at, old.size(), replacement);
        return test::fault_of([&] { (void)parse_receipt(text, "receipt.json"); });
    };
    const std::string row = "receipt.json: 'tensors[0].rows[0].";
    CHECK(fault_with("unloop receipt", "unloop receipt") == "none");
    CHECK(fault_with("unloop receipt", "unloop plan") ==
          "receipt.json: 'format': is 'unloop plan', only 'unloop receipt' is known");
    CHECK(fault_with("\"version\":2", "\"version\":7") == "receipt.json: 'version': is 7, only 1 and 2 are known");
    CHECK(fault_with("\"exact\":true", "\"exact\":false") ==
          "receipt.json: 'tensors[0].exact': contradicts the counts of blocks");
    CHECK(fault_with("\"exact\":true", "\"exact\":1") == "receipt.json: 'tensors[0].exact': must be true or false");
    CHECK(fault_with("\"replaced\":\"", "\"replaced\":\"0") == row + "replaced': must be pairs of digits 0-9 and a-f");
    CHECK(fault_with("\"replaced\":\"", "\"replaced\":\"0g") == row + "replaced': must be pairs of digits 0-9 and a-f");
    CHECK(fault_with("\"replaced\":", "\"note\":1,\"replaced\":") == row + "note': is not a key that is known");
    CHECK(fault_with("\"tensors\":", "\"other\":") == "receipt.json: 'tensors': is missing");
}
