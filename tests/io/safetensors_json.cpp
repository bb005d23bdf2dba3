// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// safetensors files: sound ones with their values, damaged ones, and random damage.
#include <unloop/io/safetensors_json.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <map>
#include <string>
#include <unloop/io/read_array.hpp>
#include <vector>

#include "hostile_files.hpp"

namespace safetensors = unloop::safetensors;

namespace {
/// A file of that header and as many zero bytes.
test::byte_vector file_of(const std::string& header, std::size_t data_bytes) {
    const std::uint64_t length = header.size();
    const auto prefix = std::as_bytes(std::span(&length, 1));
    test::byte_vector bytes(prefix.begin(), prefix.end());
    const auto text = test::bytes_of(header);
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.resize(bytes.size() + data_bytes);
    return bytes;
}
}  // namespace

TEST_CASE("tensors of a file written by the Python package are read") {
    const auto file = safetensors::open(test::golden("gguf/llama.q8_0.expected.safetensors"));
    const auto tokens = unloop::read_ints(file, "tokens");
    CHECK(tokens.shape == std::vector<std::uint64_t>{3, 36});
    CHECK(tokens.values.size() == 108);
    for (const std::size_t row : {0U, 1U, 2U}) CHECK(tokens.values[row * 36] == 2);  // every sequence begins with id 2
    const auto logits = unloop::read_floats(file, "logits");
    CHECK(logits.shape == std::vector<std::uint64_t>{3, 36, 272});
    const auto greedy = unloop::read_ints(file, "greedy");
    const auto gap = unloop::read_floats(file, "greedy_gap");
    CHECK(greedy.shape == std::vector<std::uint64_t>{3, 64});
    // The first greedy token follows 12 tokens; the same logits stand in row 11 of the whole sequence.
    for (std::size_t row = 0; row < 3; ++row) {
        const float* const last = logits.values.data() + (row * 36 + 11) * 272;
        const auto best = std::max_element(last, last + 272) - last;
        CHECK(best == greedy.values[row * 64]);
        float second = -1e30F;
        for (std::ptrdiff_t i = 0; i < 272; ++i)
            if (i != best) second = std::max(second, last[i]);
        CHECK(std::abs(last[best] - second - gap.values[row * 64]) < 1e-4F);
    }
}

TEST_CASE("shapes become weights: leading dimensions are rows") {
    const auto file = safetensors::open(test::golden("gguf/llama.q8_0.expected.safetensors"));
    const auto logits = file.weights("logits");
    CHECK(logits.rows == 3 * 36);
    CHECK(logits.columns == 272);
    const auto odd = safetensors::open(test::golden("hostile/safetensors/valid_empty_tensor.safetensors"));
    CHECK(odd.weights("e").rows == 0);
    CHECK(odd.weights("e").columns == 4);
    CHECK(odd.weights("s").rows == 1);
    CHECK(odd.weights("s").columns == 1);
    CHECK(unloop::read_floats(odd, "e").values.empty());
    CHECK(unloop::read_floats(odd, "s").values.size() == 1);
}

TEST_CASE("names, notes, order and odd offsets are kept") {
    const auto unicode = safetensors::open(test::golden("hostile/safetensors/valid_unicode_name.safetensors"));
    CHECK(unicode.find("\u00e9 \"\\\n\u597d") != nullptr);
    const auto notes = safetensors::open(test::golden("hostile/safetensors/valid_metadata.safetensors"));
    CHECK(notes.notes() == safetensors::file_notes{{"format", "pt"}, {"x", "y"}});
    CHECK(notes.tensors().size() == 2);
    const auto order = safetensors::open(test::golden("hostile/safetensors/valid_order.safetensors"));
    CHECK(order.tensors()[0].name == "a");
    CHECK(order.tensors()[1].name == "b");
    const auto odd = safetensors::open(test::golden("hostile/safetensors/valid_odd_offset.safetensors"));
    CHECK(odd.at("a").offset % 4 != 0);
    const auto values = unloop::read_floats(odd, "a").values;
    const auto stored = std::as_bytes(std::span(values));
    for (std::size_t i = 0; i < stored.size(); ++i) CHECK(stored[i] == static_cast<std::byte>(i + 1));
    CHECK(odd.at("x").type_name == "U8");
    CHECK_THROWS_AS(odd.weights("x"), unloop::error);
    CHECK_THROWS_AS(unloop::read_ints(odd, "a"), unloop::error);
}

TEST_CASE("damaged safetensors files are refused with file and offset, sound ones open") {
    int refused = 0;
    for (const auto& hostile : test::hostile_files("safetensors")) {
        CAPTURE(hostile.name, hostile.defect);
        try {
            (void)safetensors::open(hostile.path);
            CHECK((hostile.accepted || hostile.either));
        } catch (const unloop::error& error) {
            CAPTURE(error.what());
            CHECK((!hostile.accepted || hostile.either));
            CHECK(error.place().file == hostile.path);
            CHECK((error.place().offset.has_value() || hostile.name == "empty_file"));
            ++refused;
        }
    }
    CHECK(refused >= 38);
}

TEST_CASE("a refusal names the tensor that is at fault") {
    const std::map<std::string, std::string> subjects{
        {"duplicate_name", "a"},   {"unknown_dtype", "a"},    {"missing_shape", "a"},
        {"offsets_swapped", "a"},  {"offsets_past_end", "b"}, {"offsets_overlap", "b"},
        {"offsets_hole", "b"},     {"shape_overflow", "a"},   {"shape_too_big", "a"},
        {"offsets_negative", "a"}, {"shape_fraction", "a"},   {"entry_null", "a"},
        {"dtype_number", "a"},     {"truncated_data", "b"},   {"metadata_number", "__metadata__"}};
    for (const auto& [name, subject] : subjects) {
        CAPTURE(name);
        try {
            (void)safetensors::open(test::golden("hostile/safetensors/" + name + ".safetensors"));
            FAIL("accepted");
        } catch (const unloop::error& error) {
            CHECK(error.place().tensor == subject);
        }
    }
}

TEST_CASE("numbers smaller than a byte must fill whole bytes") {
    const std::string start = R"({"a":{"dtype":"F4","shape":[)";
    CHECK(safetensors::parse(file_of(start + R"(2,3],"data_offsets":[0,3]}})", 3), "f").tensors.at(0).bytes == 3);
    CHECK_THROWS_AS(safetensors::parse(file_of(start + R"(3],"data_offsets":[0,1]}})", 1), "f"), unloop::error);
    CHECK_THROWS_AS(safetensors::parse(file_of(start + R"(3],"data_offsets":[0,2]}})", 2), "f"), unloop::error);
}

TEST_CASE("a randomly damaged safetensors file is read inside its bounds or refused") {
    const test::scratch_folder folder;
    int accepted = 0;
    int refused = 0;
    for (const std::string name : {"valid", "valid_metadata", "valid_empty_tensor"}) {
        const auto sound = test::read_file(test::golden("hostile/safetensors/" + name + ".safetensors"));
        for (std::uint64_t variant = 0; variant < 3000; ++variant) {
            unloop::random_sequence random(20260102, variant);
            const auto damaged = test::mutate(sound, random);
            CAPTURE(name, variant);
            test::write_file(folder.file("damaged"), damaged);
            try {
                const auto file = safetensors::open(folder.file("damaged"));
                ++accepted;
                for (const auto& tensor : file.tensors()) {
                    REQUIRE(tensor.offset <= damaged.size());
                    REQUIRE(tensor.bytes <= damaged.size() - tensor.offset);
                    if (tensor.format) (void)unloop::read_floats(file, tensor.name);
                }
            } catch (const unloop::error&) {
                ++refused;
            }
            try {  // without the mapping's zeros after the end, so that a sanitizer sees every byte too many
                (void)safetensors::parse(damaged, "damaged");
            } catch (const unloop::error&) {
            }
        }
    }
    CHECK(accepted > 500);  // the mutations reach both sides
    CHECK(refused > 500);
}
