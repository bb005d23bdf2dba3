// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// From an open checkpoint to a model: by a family that the caller names, or by the one that the file names.
#ifndef UNLOOP_IO_LOAD_HPP
#define UNLOOP_IO_LOAD_HPP

#include <unloop/io/gguf_model.hpp>
#include <unloop/io/language_model.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/llama.hpp>
#include <unloop/model/mixtral.hpp>

#include <string>   // families
#include <utility>  // forward

namespace unloop::inline v0 {

/// `auto model = load<llama>(gguf::open("model.gguf"), dispatched{});` Weights stay in the mapping; nothing is copied
/// but small vectors that are not float32. Throws `error`, see `language_model`. O(tensors + vocabulary).
template <template <class> class Family, class Backend, checkpoint_file Checkpoint>
[[nodiscard]] language_model<Family<Backend>, Checkpoint> load(Checkpoint checkpoint, Backend backend) {
    return {std::move(checkpoint), std::move(backend)};
}

/// Another checkpoint of the model's own family, an edited copy: `load_like(model, open("edited"))`. Throws `error` as
/// `load` does, and for another family.
template <class Decoder, checkpoint_file Checkpoint>
[[nodiscard]] language_model<Decoder, Checkpoint> load_like(const language_model<Decoder, Checkpoint>& model,
                                                            Checkpoint checkpoint) {
    const std::string family = read_config(checkpoint).family;
    if (family != model.config().family)
        throw error({checkpoint.path(), {}, {}},
                    "is of the family '" + family + "', not '" + model.config().family + "'");
    return {std::move(checkpoint), model.decoder().backend()};
}

/// Loads the family that the file names and calls `use(model)`, which returns the same type for every family: the one
/// place where a name becomes a type. Throws `error` as `load` does, and for a family that is not known.
template <class Backend, checkpoint_file Checkpoint, class Use>
decltype(auto) with_model(Checkpoint checkpoint, Backend backend, Use&& use) {
    const std::string family = read_config(checkpoint).family;
    if (family == "gemma4") return std::forward<Use>(use)(load<gemma4>(std::move(checkpoint), std::move(backend)));
    if (family == "mixtral") return std::forward<Use>(use)(load<mixtral>(std::move(checkpoint), std::move(backend)));
    if (family == "llama") return std::forward<Use>(use)(load<llama>(std::move(checkpoint), std::move(backend)));
    throw error({checkpoint.path(), {}, {}}, "no model of the family '" + family + "' can be loaded");
}

}  // namespace unloop::inline v0

#endif
