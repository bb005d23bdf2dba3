// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of gradient taps as a function that names what is broken; it needs no test framework, but a model.
#ifndef UNLOOP_LAWS_GRADIENT_TAP_HPP
#define UNLOOP_LAWS_GRADIENT_TAP_HPP

#include <unloop/core/random.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <cstring>  // memcmp
#include <string>   // names of broken laws
#include <vector>   // gradients

namespace laws {

/// What a gradient tap claims.
struct gradient_tap_claims {
    bool rewrites = false;  ///< changes the gradients that flow on; otherwise it changes no bit
};

namespace detail {

/// Gradients of the embedding of 11 random tokens, under the sum of the last token's logits.
template <class Model, class Tap>
std::vector<float> embedding_gradients(const Model& model, Tap& tap, std::size_t threads,
                                       unloop::kept_activations kept) {
    constexpr std::size_t length = 11;
    unloop::random_sequence random(1, 1);
    std::vector<unloop::batch_token> tokens;
    for (std::size_t t = 0; t < length; ++t)
        tokens.push_back({static_cast<unloop::token_id>(random.below(model.config().vocabulary)), 0,
                          static_cast<std::int32_t>(t), t + 1 == length});
    const unloop::state_size size{1, length, length, 1};
    unloop::decoder_state state(model.config(), size);
    unloop::backward_state memory(model.config(), size, kept);
    unloop::thread_pool executor(threads);
    unloop::no_tap none;
    const auto seed = [](unloop::const_matrix_view, unloop::matrix_view gradient) {
        for (std::size_t v = 0; v < gradient.columns(); ++v) gradient[0][v] = v % 3 == 0 ? 1.0F : -0.5F;
    };
    const unloop::matrix_view out = unloop::backward(model.decoder(), state, memory, tokens, seed, tap, executor, none);
    return {out.data(), out.data() + out.rows() * out.columns()};
}

}  // namespace detail

/// The broken laws of the gradient taps that `make()` gives, each new; empty if they keep them all. `kept(tap)` is what
/// a tap has kept, comparable by ==. Meant for small models.
template <class Model, class Make, class Kept>
[[nodiscard]] std::vector<std::string> broken_gradient_tap_laws(const Model& model, const Make& make,
                                                                const gradient_tap_claims& claims, const Kept& kept) {
    using unloop::kept_activations;
    unloop::require_gradient_tap<decltype(make())>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    auto tap = make();
    unloop::no_tap none;
    const auto gradients = detail::embedding_gradients(model, tap, 1, kept_activations::residual);
    const bool is_unchanged = same(gradients, detail::embedding_gradients(model, none, 1, kept_activations::residual));
    demand(is_unchanged != claims.rewrites, claims.rewrites ? "effect: a gradient tap that rewrites changes gradients"
                                                            : "reading: a gradient tap that only reads changes no bit");
    const auto is_same = [&](std::size_t threads, kept_activations policy) {
        auto other = make();
        return same(gradients, detail::embedding_gradients(model, other, threads, policy)) && kept(other) == kept(tap);
    };
    demand(is_same(1, kept_activations::residual), "determinism: new gradient taps see and do the same");
    demand(is_same(3, kept_activations::residual), "threads: their number does not matter");
    demand(is_same(1, kept_activations::every_site), "memory: what is kept of the forward pass does not matter");
    return broken;
}

}  // namespace laws

#endif
