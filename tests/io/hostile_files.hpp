// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Damaged files: those of the golden collection with what a reader must do, and random mutations of sound ones.
#ifndef UNLOOP_TESTS_IO_HOSTILE_FILES_HPP
#define UNLOOP_TESTS_IO_HOSTILE_FILES_HPP

#include <cstdint>  // uint64_t
#include <string>   // paths
#include <unloop/core/random.hpp>
#include <unloop/io/strict_json.hpp>
#include <vector>  // files

#include "scratch_folder.hpp"

namespace test {

struct hostile_file {
    std::string path;
    std::string name;    ///< without folder and extension
    std::string defect;  ///< in words
    bool accepted;       ///< by a reader of the container
    bool either;         ///< both are right
};

inline std::vector<hostile_file> hostile_files(const std::string& format) {
    const byte_vector text = read_file(golden("hostile/manifest.json"));
    const auto manifest =
        unloop::parse_json({reinterpret_cast<const char*>(text.data()), text.size()}, {"manifest.json", {}, {}});
    std::vector<hostile_file> files;
    for (const auto& entry : manifest.as_array()) {
        const auto& fields = entry.as_object();
        if (fields.at("format").as_string() != std::string_view(format)) continue;
        const std::string file(fields.at("file").as_string());
        const auto& expected = fields.at("expect").as_string();
        const bool sound = fields.at("level").as_string() == "model" || expected == "accept";
        const std::string name = std::filesystem::path(file).stem();
        files.push_back({golden("hostile/" + file), name, std::string(fields.at("defect").as_string()), sound,
                         expected == "either"});
    }
    return files;
}

/// Changes one to four places: a random or an extreme byte, a huge 64-bit number, a cut, a repeated stretch.
inline byte_vector mutate(byte_vector bytes, unloop::random_sequence& random) {
    const auto changes = 1 + random.below(4);
    for (std::uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size()));
        const auto left = static_cast<std::uint64_t>(bytes.end() - (bytes.begin() + at));
        switch (random.below(6)) {
            case 0:
                bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(random.below(256));
                break;
            case 1:
                bytes[static_cast<std::size_t>(at)] ^= static_cast<std::byte>(1U << random.below(8));
                break;
            case 2:
                bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(random.below(2) * 255);
                break;
            case 3:  // low bytes first, so often a number of 2^(8 left) - 1
                std::fill_n(bytes.begin() + at, random.below(std::min<std::uint64_t>(left, 8) + 1), std::byte{0xFF});
                break;
            case 4:
                bytes.resize(random.below(8) == 0 ? static_cast<std::size_t>(at) : bytes.size());
                break;
            default: {
                const byte_vector stretch(bytes.begin() + at,
                                          bytes.begin() + at + static_cast<std::ptrdiff_t>(random.below(left)));
                bytes.insert(bytes.begin() + at, stretch.begin(), stretch.end());
            }
        }
    }
    return bytes;
}

}  // namespace test

#endif
