// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A folder for one test, removed with all that is in it, and whole files as bytes.
#ifndef UNLOOP_TESTS_IO_SCRATCH_FOLDER_HPP
#define UNLOOP_TESTS_IO_SCRATCH_FOLDER_HPP

#include <stdlib.h>  // mkdtemp

#include <algorithm>   // sort
#include <cstddef>     // byte
#include <filesystem>  // folders
#include <fstream>     // files
#include <iterator>    // istreambuf_iterator
#include <span>        // bytes
#include <stdexcept>   // runtime_error
#include <string>      // paths
#include <vector>      // bytes

namespace test {

using byte_vector = std::vector<std::byte>;

class scratch_folder {
  public:
    scratch_folder() {
        path_ = (std::filesystem::temp_directory_path() / "unloop-test-XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot create " + path_);
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    /// Names of what is in it, sorted.
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(path_)) found.push_back(entry.path().filename());
        std::sort(found.begin(), found.end());
        return found;
    }

  private:
    std::string path_;
};

inline void write_file(const std::string& path, std::span<const std::byte> bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

inline byte_vector read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

inline byte_vector bytes_of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// A golden file.
inline std::string golden(const std::string& name) { return std::string(UNLOOP_TEST_DATA) + "/" + name; }

}  // namespace test

#endif
