// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Opens whatever a path holds: a folder as transformers saves it, or a GGUF file.
#ifndef UNLOOP_IO_OPEN_CHECKPOINT_JSON_HPP
#define UNLOOP_IO_OPEN_CHECKPOINT_JSON_HPP

#include <unloop/io/gguf_model.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include <string>       // paths
#include <string_view>  // endings
#include <utility>      // forward

namespace unloop::inline v0 {

/// Calls `use(checkpoint)` with a `hugging_face::checkpoint` when `path` is a folder and a `gguf::checkpoint`
/// otherwise; `use` returns the same type for both. Throws `error` as the two `open` functions do.
template <class Use>
decltype(auto) open_checkpoint(const std::string& path, Use&& use) {
    if (is_folder(path)) return std::forward<Use>(use)(hugging_face::open(path));
    for (const std::string_view part : {".safetensors", ".safetensors.index.json", "config.json"})
        if (path.ends_with(part))
            throw error({path, {}, {}}, "is a part of a checkpoint; give the folder that holds it and its config.json");
    return std::forward<Use>(use)(gguf::open(path));
}

}  // namespace unloop::inline v0

#endif
