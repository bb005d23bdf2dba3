// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Opens a folder as transformers saves it: config.json, safetensors in one file or in shards, tokenizer.json.
#ifndef UNLOOP_IO_HUGGING_FACE_JSON_HPP
#define UNLOOP_IO_HUGGING_FACE_JSON_HPP

#include <sys/stat.h>  // stat
#include <unloop/io/hugging_face.hpp>
#include <unloop/io/hugging_face_config_json.hpp>
#include <unloop/io/safetensors_json.hpp>
#include <unloop/io/tokenizer_json.hpp>

#include <algorithm>    // find
#include <string>       // paths
#include <string_view>  // names
#include <utility>      // move
#include <vector>       // files

namespace unloop::inline v0::hugging_face {

namespace detail {

[[nodiscard]] inline bool exists(const std::string& path) noexcept {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0;
}

/// Throws `error` unless `name` is that of a file in the folder itself.
inline void check_shard_name(std::string_view name, const file_place& place) {
    if (name.empty() || name.starts_with('.') || name.find('/') != std::string_view::npos)
        throw error(place, "'" + std::string(name) + "' is no name of a file in this folder");
}

/// The files that "weight_map" names, each once; every tensor of the map must lie where the map says.
[[nodiscard]] inline std::vector<tensor_file> open_shards(const std::string& folder, const std::string& index) {
    const boost::json::value document = parse_json(read_text(index), {index, {}, {}});
    checked_object from(document, index, {});
    const boost::json::object* const map = from.at("weight_map").if_object();
    if (map == nullptr) from.refuse("weight_map", "must be an object");
    std::vector<tensor_file> files;
    for (const auto& [tensor, shard] : *map) {
        const file_place place{index, std::string(tensor), {}};
        if (!shard.is_string()) throw error(place, "must be the name of a file");
        const std::string_view name(shard.get_string());
        check_shard_name(name, place);
        const std::string path = folder + std::string(name);
        auto file = std::find_if(files.begin(), files.end(), [&](const auto& open) { return open.path() == path; });
        if (file == files.end()) file = files.insert(file, safetensors::open(path));
        if (file->find(std::string_view(tensor)) == nullptr)
            throw error({path, std::string(tensor), {}}, "the tensor is not in this file, where " + index + " says");
    }
    return files;
}

[[nodiscard]] inline tensor_files open_weights(const std::string& path, const std::string& folder) {
    const std::string whole = folder + "model.safetensors", index = whole + ".index.json";
    if (exists(whole)) return {path, {safetensors::open(whole)}};
    if (exists(index)) return {path, open_shards(folder, index)};
    throw error({path, {}, {}}, "has neither model.safetensors nor model.safetensors.index.json");
}

}  // namespace detail

/// Maps the weights and reads what stands beside them. Throws `error` naming file and tensor or key when something is
/// missing, damaged or of a family that is not known. O(tensors + vocabulary), whatever the size of the weights.
[[nodiscard]] inline checkpoint open(const std::string& path) {
    const std::string folder = path.ends_with('/') ? path : path + "/";
    tensor_files weights = detail::open_weights(path, folder);
    const std::string config = folder + "config.json";
    decoder_config shape = parse_config(read_text(config), config, weights.tensors().size());
    return {std::move(weights), std::move(shape), read_hugging_face_tokenizer(path)};
}

}  // namespace unloop::inline v0::hugging_face

#endif
