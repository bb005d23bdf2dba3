// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// GGUF files: sound ones against what another reader found in them, damaged ones, and decoded weights.
#include <unloop/io/gguf.hpp>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <unloop/io/read_array.hpp>
#include <unloop/io/safetensors_json.hpp>
#include <vector>

#include "hostile_files.hpp"
#include "support/fault_of.hpp"

namespace gguf = unloop::gguf;
using unloop::number_format;

TEST_CASE("keys of every type are read with their values") {
    const auto file = gguf::open(test::golden("hostile/gguf/valid_all_types.gguf"));
    const auto& keys = file.metadata();
    CHECK(file.version() == 3);
    CHECK(file.alignment() == 32);
    CHECK(keys.entries().size() == 15);
    CHECK(keys.entries().front().key == "general.architecture");
    CHECK(keys.get<std::string>("general.architecture") == "llama");
    CHECK(keys.get<std::uint64_t>("t.u8") == 7);
    CHECK(keys.get<int>("t.i8") == -1);
    CHECK(keys.get<std::uint16_t>("t.u16") == 1);
    CHECK(keys.get<std::int64_t>("t.i16") == -1);
    CHECK(keys.get<std::int32_t>("t.i32") == -5);
    CHECK(keys.get<float>("t.f32") == 1.5F);
    CHECK(keys.get<bool>("t.bool"));
    CHECK(keys.get<std::uint64_t>("t.u64") == 1099511627776);
    CHECK(keys.get<std::int64_t>("t.i64") == -1099511627776);
    CHECK(keys.get<double>("t.f64") == 0.1);
    CHECK(keys.get<std::vector<std::int32_t>>("t.arr") == std::vector<std::int32_t>{1, -2, 3});
    CHECK(keys.get<std::vector<std::string>>("t.strs") == std::vector<std::string>{"x", "yy"});
    REQUIRE(keys.find("t.none") != nullptr);
}

TEST_CASE("tensors are listed with name, row-major shape, type and place") {
    const auto file = gguf::open(test::golden("gguf/quants.gguf"));
    struct expected {
        const char* name;
        std::vector<std::uint64_t> shape;
        const char* type;
        std::uint64_t offset, bytes;
        bool computable;
    };
    // As the Python package gguf 0.19 lists them.
    const std::vector<expected> some{{"f32.quantized", {2, 512}, "F32", 2112, 4096, true},
                                     {"q4_1.random", {2, 512}, "Q4_1", 10048, 640, true},
                                     {"q8_0.quantized", {2, 512}, "Q8_0", 13632, 1088, true},
                                     {"q3_k.random", {2, 512}, "Q3_K", 16160, 440, false},
                                     {"iq2_xxs.random", {2, 512}, "IQ2_XXS", 18752, 264, false},
                                     {"iq4_xs.random", {2, 512}, "IQ4_XS", 21376, 544, false},
                                     {"iq1_m.random", {2, 512}, "IQ1_M", 21920, 224, false},
                                     {"bf16.quantized", {2, 512}, "BF16", 22144, 2048, true},
                                     {"tq1_0.quantized", {2, 512}, "TQ1_0", 24192, 216, false},
                                     {"mxfp4.random", {2, 512}, "MXFP4", 25248, 544, false},
                                     {"nvfp4.random", {2, 512}, "NVFP4", 25792, 576, false},
                                     {"i16.plain", {2, 5}, "I16", 26400, 20, false},
                                     {"f64.plain", {2, 5}, "F64", 26592, 80, false}};
    CHECK(file.tensors().size() == 37);
    CHECK(file.tensors().front().name == "f32.quantized");
    for (const auto& one : some) {
        CAPTURE(one.name);
        const auto& tensor = file.at(one.name);
        CHECK(tensor.shape == one.shape);
        CHECK(tensor.type_name == one.type);
        CHECK(tensor.offset == one.offset);
        CHECK(tensor.bytes == one.bytes);
        CHECK(tensor.format.has_value() == one.computable);
        CHECK(file.bytes(tensor).data() == file.mapping().bytes().data() + one.offset);
    }
    CHECK(file.find("nonesuch") == nullptr);
}

TEST_CASE("weights of a format that cannot be computed with are refused by name and type") {
    const auto file = gguf::open(test::golden("gguf/quants.gguf"));
    CHECK(test::fault_of([&] { (void)file.weights("q6_k.random"); }) ==
          file.path() + ": 'q6_k.random' at offset 17888: cannot compute with numbers of type Q6_K");
}

TEST_CASE("weights decode to what the reference implementation dequantised") {
    const auto file = gguf::open(test::golden("gguf/quants.gguf"));
    const auto expected = unloop::safetensors::open(test::golden("gguf/quants.expected.safetensors"));
    int compared = 0;
    for (const auto& tensor : file.tensors()) {
        if (!tensor.format) continue;
        CAPTURE(tensor.name);
        const auto right = unloop::read_floats(expected, tensor.name);
        const auto weights = file.weights(tensor);
        REQUIRE(weights.rows == 2);
        REQUIRE(weights.columns == 512);
        float largest = 0;
        for (const float value : right.values) largest = std::max(largest, std::abs(value));
        REQUIRE(largest > 0);
        const bool plain = tensor.type_name == "F32" || tensor.type_name == "F16" || tensor.type_name == "BF16";
        const float tolerance = plain ? 0 : 1e-6F * largest;
        float worst = 0;
        std::vector<float> row(weights.columns);
        for (std::size_t i = 0; i < weights.rows; ++i) {
            unloop::decode_row(weights, i, row);
            for (std::size_t k = 0; k < row.size(); ++k)
                worst = std::max(worst, std::abs(row[k] - right.values[i * 512 + k]));
        }
        CHECK(worst <= tolerance);
        ++compared;
    }
    CHECK(compared == 7);  // three plain ones, and two each of Q4_1 and Q8_0
}

TEST_CASE("vectors are one row, and edits in memory show in the weights") {
    auto file = gguf::open(test::golden("gguf/llama.q8_0.gguf"));
    const auto norm = file.weights("blk.0.attn_norm.weight");
    CHECK(norm.rows == 1);
    CHECK(norm.columns == 64);
    CHECK(norm.format == number_format::f32);
    const auto& up = file.at("blk.0.ffn_up.weight");
    const auto weights = file.weights(up);
    CHECK(weights.rows == 96);
    CHECK(weights.columns == 64);
    CHECK(weights.format == number_format::q8_0);
    const auto row = file.writable(up).subspan(5 * weights.row_stride, weights.row_bytes());
    std::fill(row.begin(), row.end(), std::byte{0});
    std::vector<float> values(64, 1.0F);
    unloop::decode_row(weights, 5, values);
    CHECK(values == std::vector<float>(64));
    unloop::decode_row(weights, 4, values);
    CHECK(values != std::vector<float>(64));
}

TEST_CASE("versions 2 and 3 and other alignments hold the same tensors") {
    const auto reference = gguf::open(test::golden("hostile/gguf/valid.gguf"));
    CHECK(reference.at("a").shape == std::vector<std::uint64_t>{2, 4});
    for (const std::string name : {"valid_v2", "valid_align_64", "valid_unused_gap"}) {
        CAPTURE(name);
        const auto file = gguf::open(test::golden("hostile/gguf/" + name + ".gguf"));
        CHECK(file.version() == (name == "valid_v2" ? 2U : 3U));
        CHECK(file.alignment() == (name == "valid_align_64" ? 64U : 32U));
        for (const std::string tensor : {"a", "b"})
            CHECK(unloop::read_floats(file, tensor).values == unloop::read_floats(reference, tensor).values);
    }
}

TEST_CASE("damaged GGUF files are refused with file and offset, sound ones open") {
    int refused = 0;
    for (const auto& hostile : test::hostile_files("gguf")) {
        CAPTURE(hostile.name, hostile.defect);
        try {
            (void)gguf::open(hostile.path);
            CHECK((hostile.accepted || hostile.either));
        } catch (const unloop::error& error) {
            CAPTURE(error.what());
            CHECK((!hostile.accepted || hostile.either));
            CHECK(error.place().file == hostile.path);
            CHECK((error.place().offset.has_value() || hostile.name == "empty_file"));
            ++refused;
        }
    }
    CHECK(refused >= 40);
}

TEST_CASE("a refusal names the key or tensor that is at fault") {
    const std::map<std::string, std::string> subjects{{"duplicate_key", "llama.block_count"},
                                                      {"alignment_3", "general.alignment"},
                                                      {"alignment_string", "general.alignment"},
                                                      {"dims_five", "a"},
                                                      {"dims_overflow", "a"},
                                                      {"bytes_overflow", "a"},
                                                      {"type_unknown", "a"},
                                                      {"type_removed", "a"},
                                                      {"row_not_whole_blocks", "a"},
                                                      {"offset_unaligned", "b"},
                                                      {"offset_wraps", "a"},
                                                      {"data_past_end", "a"},
                                                      {"truncated_data", "b"},
                                                      {"duplicate_tensor", "a"},
                                                      {"overlap", "b"},
                                                      {"value_type_unknown", "x"},
                                                      {"array_length_huge", "x"},
                                                      {"array_deep", "x"}};
    for (const auto& [name, subject] : subjects) {
        CAPTURE(name);
        try {
            (void)gguf::open(test::golden("hostile/gguf/" + name + ".gguf"));
            FAIL("accepted");
        } catch (const unloop::error& error) {
            CHECK(error.place().tensor == subject);
        }
    }
}

TEST_CASE("a randomly damaged GGUF file is read inside its bounds or refused") {
    const test::scratch_folder folder;
    int accepted = 0;
    int refused = 0;
    for (const std::string name : {"valid", "valid_all_types", "valid_align_64"}) {
        const auto sound = test::read_file(test::golden("hostile/gguf/" + name + ".gguf"));
        for (std::uint64_t variant = 0; variant < 3000; ++variant) {
            unloop::random_sequence random(20260101, variant);
            const auto damaged = test::mutate(sound, random);
            CAPTURE(name, variant);
            test::write_file(folder.file("damaged"), damaged);
            try {
                const auto file = gguf::open(folder.file("damaged"));
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
                (void)gguf::parse(damaged, "damaged");
            } catch (const unloop::error&) {
            }
        }
    }
    CHECK(accepted > 500);  // the mutations reach both sides
    CHECK(refused > 500);
}
