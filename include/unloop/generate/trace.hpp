// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One run over tokens that are all given, for the sake of its activations.
#ifndef UNLOOP_GENERATE_TRACE_HPP
#define UNLOOP_GENERATE_TRACE_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // min
#include <cstddef>    // size_t
#include <cstdint>    // int64_t
#include <span>       // tokens
#include <vector>     // a pass

namespace unloop::inline v0 {

/// How to trace. Activations never depend on `threads` or `chunk`.
struct trace_options {
    std::size_t threads = 1;  ///< the calling one included
    std::size_t chunk = 128;  ///< most tokens of one pass, at least 1
    bool logits = true;       ///< compute final norm and logits, of every token
};

/// Shows every activation of `model` over `ids` to `tap`, in passes from the first token to the last. Returns whether
/// it came to the end: false when the progress sink said stop. `ids` must be tokens of the model (see `encode_prompt`).
template <class Model, class Tap, class Progress = no_progress>
bool trace(const Model& model, std::span<const token_id> ids, const trace_options& options, Tap& tap,
           Progress&& progress = {}) {
    require_tap<Tap>();
    require_progress_sink<Progress>();
    const std::size_t chunk = std::min(options.chunk, ids.size());
    decoder_state state(model.config(), {1, ids.size(), chunk, options.logits ? chunk : 1});
    thread_pool executor(options.threads);
    std::vector<batch_token> pass;
    for (std::size_t first = 0; first < ids.size(); first += chunk) {
        if (!progress(progress_event{"trace", static_cast<std::int64_t>(first), static_cast<std::int64_t>(ids.size())}))
            return false;
        pass.clear();
        for (std::size_t t = first; t < std::min(first + chunk, ids.size()); ++t)
            pass.push_back({ids[t], 0, static_cast<std::int32_t>(t), options.logits});
        model.decoder().forward(state, pass, executor, tap);
    }
    return true;
}

}  // namespace unloop::inline v0

#endif
