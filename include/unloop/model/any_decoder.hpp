// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A decoder whose family is known when the program runs: the one place where a family's name becomes a type.
#ifndef UNLOOP_MODEL_ANY_DECODER_HPP
#define UNLOOP_MODEL_ANY_DECODER_HPP

#include <unloop/blocks/any_gradient_tap.hpp>
#include <unloop/blocks/any_tap.hpp>
#include <unloop/core/error.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/llama.hpp>
#include <unloop/model/mixtral.hpp>
#include <unloop/parallel/any_executor.hpp>

#include <concepts>  // same_as
#include <memory>    // the decoder
#include <span>      // tokens
#include <string>    // families
#include <utility>   // move

namespace unloop::inline v0 {

namespace detail {

/// A visitor of parameters whose type is known when the program runs.
class any_parameter_visitor {
  public:
    template <class Visitor>
    explicit any_parameter_visitor(Visitor& held) noexcept
        : held_(&held), matrix_(&call<Visitor, matrix_parameter>), vector_(&call<Visitor, vector_parameter>) {}
    void operator()(parameter_name name, parameter_shape shape, matrix_parameter& slot) const {
        matrix_(held_, name, shape, slot);
    }
    void operator()(parameter_name name, parameter_shape shape, vector_parameter& slot) const {
        vector_(held_, name, shape, slot);
    }

  private:
    template <class Visitor, class Slot>
    static void call(void* held, parameter_name name, parameter_shape shape, Slot& slot) {
        (*static_cast<Visitor*>(held))(name, shape, slot);
    }
    void* held_;
    void (*matrix_)(void*, parameter_name, parameter_shape, matrix_parameter&);
    void (*vector_)(void*, parameter_name, parameter_shape, vector_parameter&);
};

/// What `any_decoder` asks of a decoder.
template <class Backend>
struct decoder_interface {
    virtual ~decoder_interface() = default;
    [[nodiscard]] virtual std::unique_ptr<decoder_interface> copy() const = 0;
    [[nodiscard]] virtual const decoder_config& config() const noexcept = 0;
    [[nodiscard]] virtual const Backend& backend() const noexcept = 0;
    [[nodiscard]] virtual const rms_norm& final_norm() const = 0;
    [[nodiscard]] virtual const weight_view& head_weights() const noexcept = 0;
    virtual void for_each_parameter(any_parameter_visitor visit) = 0;
    virtual void tie_head() noexcept = 0;
    virtual matrix_view forward(decoder_state& state, std::span<const batch_token> tokens,
                                std::span<const token_join> joins, any_executor executor, any_tap tap) const = 0;
    virtual matrix_view states(decoder_state& state, std::span<const batch_token> tokens,
                               std::span<const token_join> joins, any_executor executor, any_tap tap) const = 0;
    virtual void logits_of(const_matrix_view states, std::size_t first, matrix_view out,
                           any_executor executor) const = 0;
    virtual matrix_view resume(decoder_state& state, std::span<const batch_token> tokens, layer_range range,
                               any_executor executor, any_tap tap) const = 0;
    virtual matrix_view backward(decoder_state& state, backward_state& memory, std::span<const batch_token> tokens,
                                 any_logit_seed seed, any_gradient_tap gradients, any_executor executor, any_tap tap,
                                 std::size_t first) const = 0;
};

template <class Decoder>
class held_decoder final : public decoder_interface<typename Decoder::backend_type> {
  public:
    explicit held_decoder(Decoder held) : held_(std::move(held)) {}
    std::unique_ptr<decoder_interface<typename Decoder::backend_type>> copy() const override {
        return std::make_unique<held_decoder>(held_);
    }
    const decoder_config& config() const noexcept override { return held_.config(); }
    const typename Decoder::backend_type& backend() const noexcept override { return held_.backend(); }
    const rms_norm& final_norm() const override {
        if constexpr (std::same_as<decltype(held_.final_norm()), const rms_norm&>)
            return held_.final_norm();
        else
            throw error("the final norm of this family ('" + held_.config().family + "') is one of its own");
    }
    const weight_view& head_weights() const noexcept override { return held_.head_weights(); }
    void for_each_parameter(any_parameter_visitor visit) override { held_.for_each_parameter(visit); }
    void tie_head() noexcept override { held_.tie_head(); }
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                        any_executor executor, any_tap tap) const override {
        return held_.forward(state, tokens, joins, executor, tap);
    }
    matrix_view states(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                       any_executor executor, any_tap tap) const override {
        return held_.states(state, tokens, joins, executor, tap);
    }
    void logits_of(const_matrix_view states, std::size_t first, matrix_view out, any_executor executor) const override {
        held_.logits_of(states, first, out, executor);
    }
    matrix_view resume(decoder_state& state, std::span<const batch_token> tokens, layer_range range,
                       any_executor executor, any_tap tap) const override {
        return held_.resume(state, tokens, range, executor, tap);
    }
    matrix_view backward(decoder_state& state, backward_state& memory, std::span<const batch_token> tokens,
                         any_logit_seed seed, any_gradient_tap gradients, any_executor executor, any_tap tap,
                         std::size_t first) const override {
        if constexpr (decoder_with_backward<Decoder>)
            return unloop::backward(held_, state, memory, tokens, seed, gradients, executor, tap, first);
        else
            throw error("the parts of this family ('" + held_.config().family + "') carry no gradients back");
    }

  private:
    Decoder held_;
};

}  // namespace detail

/// Offers what `decoder` does, over the families that the library knows: `load<any_decoder>(open(path), dispatched{})`.
/// A family is compiled where such an object is made, once, whatever taps and executors it runs with; what is above the
/// model is compiled once and not for every family. A pass costs one virtual call, an event of a tap one indirect call.
template <class Backend>
class any_decoder {
  public:
    using backend_type = Backend;

    /// `config.family` chooses. Throws `error` when it is not among the families.
    any_decoder(decoder_config config, Backend backend) : held_(choose(std::move(config), std::move(backend))) {}
    /// A decoder of a family of one's own.
    template <class Decoder>
        requires(std::same_as<typename Decoder::backend_type, Backend> && !std::same_as<Decoder, any_decoder>)
    explicit any_decoder(Decoder decoder)
        : held_(std::make_unique<detail::held_decoder<Decoder>>(std::move(decoder))) {}

    any_decoder(const any_decoder& other) : held_(other.held_->copy()) {}
    any_decoder(any_decoder&&) noexcept = default;
    any_decoder& operator=(any_decoder other) noexcept {
        held_.swap(other.held_);
        return *this;
    }

    [[nodiscard]] const decoder_config& config() const noexcept { return held_->config(); }
    [[nodiscard]] const Backend& backend() const noexcept { return held_->backend(); }
    /// Throws `error` where the family has a norm of its own.
    [[nodiscard]] const rms_norm& final_norm() const { return held_->final_norm(); }
    [[nodiscard]] const weight_view& head_weights() const noexcept { return held_->head_weights(); }

    /// See `decoder::for_each_parameter`, as the others.
    template <class Visitor>
    void for_each_parameter(Visitor&& visitor) {
        held_->for_each_parameter(detail::any_parameter_visitor(visitor));
    }
    void tie_head() noexcept { held_->tie_head(); }
    template <class Executor, class Tap>
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, Executor& executor, Tap& tap) const {
        return forward(state, tokens, {}, executor, tap);
    }
    template <class Executor, class Tap>
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                        Executor& executor, Tap& tap) const {
        require_executor<Executor>();
        require_tap<Tap>();
        return held_->forward(state, tokens, joins, any_executor(executor), any_tap(tap));
    }
    template <class Executor, class Tap>
    matrix_view states(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                       Executor& executor, Tap& tap) const {
        require_executor<Executor>();
        require_tap<Tap>();
        return held_->states(state, tokens, joins, any_executor(executor), any_tap(tap));
    }
    template <class Executor>
    void logits_of(const_matrix_view states, std::size_t first, matrix_view out, Executor& executor) const {
        held_->logits_of(states, first, out, any_executor(executor));
    }
    template <class Executor, class Tap>
    matrix_view resume(decoder_state& state, std::span<const batch_token> tokens, layer_range range, Executor& executor,
                       Tap& tap) const {
        require_executor<Executor>();
        require_tap<Tap>();
        return held_->resume(state, tokens, range, any_executor(executor), any_tap(tap));
    }
    /// See `unloop::backward`, which calls this. Throws `error` when a part of a family of one's own lacks its
    /// backward.
    matrix_view backward(decoder_state& state, backward_state& memory, std::span<const batch_token> tokens,
                         any_logit_seed seed, any_gradient_tap gradients, any_executor executor, any_tap tap,
                         std::size_t first) const {
        return held_->backward(state, memory, tokens, seed, gradients, executor, tap, first);
    }

  private:
    using held = std::unique_ptr<detail::decoder_interface<Backend>>;

    template <template <class> class Family>
    [[nodiscard]] static held make(decoder_config config, Backend backend) {
        return std::make_unique<detail::held_decoder<Family<Backend>>>(
            Family<Backend>(std::move(config), std::move(backend)));
    }
    [[nodiscard]] static held choose(decoder_config config, Backend backend) {
        if (config.family == "llama") return make<llama>(std::move(config), std::move(backend));
        if (config.family == "mixtral") return make<mixtral>(std::move(config), std::move(backend));
        if (config.family == "gemma4") return make<gemma4>(std::move(config), std::move(backend));
        throw error("no model of the family '" + config.family + "' can be loaded");
    }

    held held_;
};

}  // namespace unloop::inline v0

#endif
