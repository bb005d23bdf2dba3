// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From an open checkpoint to a model.
#ifndef UNLOOP_IO_LOAD_HPP
#define UNLOOP_IO_LOAD_HPP

#include <unloop/io/gguf_model.hpp>
#include <unloop/io/language_model.hpp>
#include <unloop/model/any_decoder.hpp>

#include <utility>  // move

namespace unloop::inline v0 {

/// `auto model = load<llama>(gguf::open("model.gguf"), dispatched{});`, or by the family that the checkpoint names:
/// `load<any_decoder>(open(path), dispatched{})`. Weights stay in the mapping; nothing is copied
/// but small vectors that are not float32. Throws `error`, see `language_model`. O(tensors + vocabulary).
template <template <class> class Family, class Backend, checkpoint_file Checkpoint>
[[nodiscard]] language_model<Family<Backend>, Checkpoint> load(Checkpoint checkpoint, Backend backend) {
    return {std::move(checkpoint), std::move(backend)};
}

}  // namespace unloop::inline v0

#endif
