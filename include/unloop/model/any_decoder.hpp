// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A decoder whose family is known when the program runs: the one place where a family's name becomes a type.
#ifndef UNLOOP_MODEL_ANY_DECODER_HPP
#define UNLOOP_MODEL_ANY_DECODER_HPP

#include <unloop/core/error.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/llama.hpp>
#include <unloop/model/mixtral.hpp>

#include <span>     // tokens
#include <string>   // families
#include <utility>  // forward
#include <variant>  // the families

namespace unloop::inline v0 {

/// Offers what `decoder` does, over the families that the library knows: `load<any_decoder>(open(path), dispatched{})`.
/// What is above the model is then compiled once and not for every family; a pass costs one more branch.
template <class Backend>
class any_decoder {
  public:
    using backend_type = Backend;

    /// `config.family` chooses. Throws `error` when it is not among the families.
    any_decoder(decoder_config config, Backend backend) : held_(choose(std::move(config), std::move(backend))) {}

    /// Calls `use` with the decoder as it is; `use` returns the same type for every family.
    template <class Use>
    decltype(auto) visit(Use&& use) const {
        return std::visit(std::forward<Use>(use), held_);
    }

    [[nodiscard]] const decoder_config& config() const noexcept {
        return visit([](const auto& held) -> const decoder_config& { return held.config(); });
    }
    [[nodiscard]] const Backend& backend() const noexcept {
        return visit([](const auto& held) -> const Backend& { return held.backend(); });
    }
    [[nodiscard]] const rms_norm& final_norm() const noexcept {
        return visit([](const auto& held) -> const rms_norm& { return held.final_norm(); });
    }
    [[nodiscard]] const weight_view& head_weights() const noexcept {
        return visit([](const auto& held) -> const weight_view& { return held.head_weights(); });
    }

    /// See `decoder::for_each_parameter`, as the others.
    template <class Visitor>
    void for_each_parameter(Visitor&& visitor) {
        std::visit([&](auto& held) { held.for_each_parameter(visitor); }, held_);
    }
    void tie_head() noexcept {
        std::visit([](auto& held) { held.tie_head(); }, held_);
    }
    template <class Executor, class Tap>
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, Executor& executor, Tap& tap) const {
        return visit([&](const auto& held) { return held.forward(state, tokens, executor, tap); });
    }
    template <class Executor, class Tap>
    matrix_view resume(decoder_state& state, std::span<const batch_token> tokens, layer_range range, Executor& executor,
                       Tap& tap) const {
        return visit([&](const auto& held) { return held.resume(state, tokens, range, executor, tap); });
    }

  private:
    using families = std::variant<llama<Backend>, mixtral<Backend>, gemma4<Backend>>;

    [[nodiscard]] static families choose(decoder_config config, Backend backend) {
        if (config.family == "llama") return llama<Backend>(std::move(config), std::move(backend));
        if (config.family == "mixtral") return mixtral<Backend>(std::move(config), std::move(backend));
        if (config.family == "gemma4") return gemma4<Backend>(std::move(config), std::move(backend));
        throw error("no model of the family '" + config.family + "' can be loaded");
    }

    families held_;
};

}  // namespace unloop::inline v0

#endif
