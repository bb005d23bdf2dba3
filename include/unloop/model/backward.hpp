// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Gradients of a function of the logits, carried back through a decoder to every site.
#ifndef UNLOOP_MODEL_BACKWARD_HPP
#define UNLOOP_MODEL_BACKWARD_HPP

#include <unloop/blocks/any_gradient_tap.hpp>
#include <unloop/blocks/any_tap.hpp>
#include <unloop/blocks/backward_part.hpp>
#include <unloop/blocks/backward_run.hpp>
#include <unloop/blocks/gradient_tap.hpp>
#include <unloop/blocks/layer_record.hpp>
#include <unloop/model/backward_state.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/any_executor.hpp>
#include <unloop/parallel/serial.hpp>

#include <algorithm>    // copy
#include <concepts>     // invocable
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // tokens
#include <type_traits>  // remove_cvref
#include <utility>      // declval
#include <vector>       // records

namespace unloop::inline v0 {

namespace detail {

/// One forward pass and the backward pass behind it.
template <class Decoder, class Executor, class Tap, class GradientTap>
class backward_pass {
  public:
    backward_pass(const Decoder& decoder, decoder_state& state, backward_state& memory,
                  std::span<const batch_token> tokens, std::size_t first, Executor& executor, Tap& tap,
                  GradientTap& gradients)
        : decoder_(decoder),
          config_(decoder.config()),
          state_(state),
          memory_(memory),
          tokens_(tokens),
          first_(first),
          executor_(executor),
          tap_(tap),
          gradients_(gradients) {}

    template <class Seed>
    matrix_view run(const Seed& seed) {
        scratch_scope scope(memory_.scratch());
        memory_.begin();
        forward();
        back_through_head(seed);
        for (std::size_t i = config_.layers.size(); i-- > first_;) back_through_layer(i);
        return memory_.stream(tokens_.size());
    }

  private:
    using backend_type = typename Decoder::backend_type;
    using recording_tap = tap_pack<Tap, layer_recorder>;

    void forward() {
        decoder_.check_places(state_, tokens_);
        memory_.check_places(tokens_);
        state_.begin_pass(tokens_, first_ == 0);
        const matrix_view stream = state_.stream(tokens_.size());
        if (first_ == 0) {
            decoder_.embed(state_, tokens_, stream, executor_);
        } else if (config_.layer_input > 0) {  // what layers get beside the stream is made of the embeddings once more
            scratch_scope scope(memory_.scratch());
            decoder_.embed(state_, tokens_, memory_.scratch().matrix(tokens_.size(), config_.hidden), executor_);
        }
        copy(state_.layer_inputs(tokens_.size()), memory_.layer_inputs(tokens_.size()));
        records_.resize(config_.layers.size());
        run_layers(stream);
        notify<sites::residual>(tap_, last_place(tokens_), stream);
    }
    void run_layers(matrix_view stream) {
        for (std::size_t i = first_; i < config_.layers.size(); ++i) {
            if (memory_.kept() == kept_activations::every_site) {
                record_layer(i, stream);
            } else {
                copy(stream, memory_.residual(i, tokens_.size()));
                auto run = decoder_.run_of(i, state_, tokens_, executor_, tap_);
                decoder_.layer(i).forward(run, stream);
            }
        }
    }
    void record_layer(std::size_t i, matrix_view stream) {
        layer_recorder recorder{memory_.scratch(), records_[i]};
        recording_tap both(tap_, recorder);
        auto run = decoder_.run_of(i, state_, tokens_, executor_, both);
        decoder_.layer(i).forward(run, stream);
    }

    template <class Seed>
    void back_through_head(const Seed& seed) {
        scratch_scope scope(memory_.scratch());
        const std::size_t hidden = config_.hidden;
        std::vector<batch_token>& wanting = state_.head_tokens();
        wanting.clear();
        for (const batch_token& token : tokens_)
            if (token.wants_logits) wanting.push_back(token);
        expects(wanting.size() <= state_.size().logit_rows, "backward: the state was made for fewer rows of logits");
        const matrix_view entering = memory_.scratch().matrix(wanting.size(), hidden);
        for_each_wanting(
            [&](std::size_t t, std::size_t w) { copy_row(state_.stream(tokens_.size())[t], entering[w]); });
        const matrix_view normed = state_.head_input(wanting.size()), logits = state_.logits(wanting.size());
        const tap_place place = last_place(wanting);
        decoder_.final_norm().forward(decoder_.backend(), executor_, config_.norm_epsilon, entering, normed);
        notify<sites::final_norm>(tap_, place, normed);
        decoder_.head().forward(decoder_.backend(), executor_, config_.logit_cap, normed, logits);
        const matrix_view capped = config_.logit_cap == 0 ? logits : memory_.scratch().copy(logits);
        notify<sites::logits>(tap_, place, logits);
        const matrix_view of_logits = memory_.scratch().zeros(wanting.size(), config_.vocabulary);
        seed(const_matrix_view(logits), of_logits);
        notify_gradient<sites::logits>(gradients_, place, logits, of_logits);
        const matrix_view of_normed = memory_.scratch().zeros(wanting.size(), hidden);
        decoder_.head().backward(decoder_.backend(), executor_, config_.logit_cap, capped, of_logits, of_normed);
        notify_weights(gradients_, {-1, parameter_role::head}, normed, of_logits);
        notify_gradient<sites::final_norm>(gradients_, place, normed, of_normed);
        decoder_.final_norm().backward(decoder_.backend(), executor_, config_.norm_epsilon, entering, of_normed);
        const matrix_view of_stream = memory_.stream(tokens_.size());
        for_each_wanting([&](std::size_t t, std::size_t w) { copy_row(of_normed[w], of_stream[t]); });
        notify_gradient<sites::residual>(gradients_, last_place(tokens_), state_.stream(tokens_.size()), of_stream);
    }

    void back_through_layer(std::size_t i) {
        scratch_scope scope(memory_.scratch());
        const matrix_view stream = memory_.stream(tokens_.size());
        if (memory_.kept() == kept_activations::residual) {
            copy(memory_.residual(i, tokens_.size()), state_.stream(tokens_.size()));
            copy(memory_.layer_inputs(tokens_.size()), state_.layer_inputs(tokens_.size()));
            record_layer(i, state_.stream(tokens_.size()));
        }
        no_tap none;
        const layer_traits& traits = config_.layers[i];
        backward_run<backend_type, Executor, GradientTap> run{
            decoder_.run_of(i, state_, tokens_, executor_, none),
            gradients_,
            records_[i],
            memory_.scratch(),
            memory_.key_value_gradients(traits.key_value_layer),
            memory_.of_layer_inputs(tokens_.size()).columns(i * traits.layer_input, traits.layer_input)};
        run.layer_input = records_[i].template values<sites::layer_input>();
        decoder_.layer(i).backward(run, stream);
        if (i == 0) back_through_layer_inputs(stream);
        run.template notify_gradient<sites::residual>(stream);
    }
    void back_through_layer_inputs(matrix_view of_stream) {
        if (config_.layer_input == 0) return;
        scratch_scope scope(memory_.scratch());
        const matrix_view embedded = memory_.scratch().matrix(tokens_.size(), config_.hidden);
        decoder_.embedding().forward(decoder_.backend(), executor_, config_.embedding(), tokens_, embedded);
        decoder_.embedding().layer_inputs_backward(decoder_.backend(), executor_, config_.embedding(), embedded,
                                                   memory_.of_layer_inputs(tokens_.size()), memory_.scratch(),
                                                   of_stream);
        notify_weights(gradients_, {-1, parameter_role::layer_input_projection}, embedded,
                       memory_.of_layer_inputs(tokens_.size()));
    }

    /// Calls `visit(t, w)` for every token t that wants logits, the w-th of them.
    template <class Visitor>
    void for_each_wanting(const Visitor& visit) const {
        for (std::size_t t = 0, w = 0; t < tokens_.size(); ++t)
            if (tokens_[t].wants_logits) visit(t, w++);
    }
    [[nodiscard]] tap_place last_place(std::span<const batch_token> tokens) const noexcept {
        return {static_cast<std::int32_t>(config_.layers.size()), tokens};
    }
    static void copy_row(std::span<const float> from, std::span<float> to) noexcept {
        std::copy(from.begin(), from.end(), to.begin());
    }
    static void copy(const_matrix_view from, matrix_view to) noexcept {
        for (std::size_t t = 0; t < from.rows(); ++t) copy_row(from[t], to[t]);
    }

    const Decoder& decoder_;
    const decoder_config& config_;
    decoder_state& state_;
    backward_state& memory_;
    std::span<const batch_token> tokens_;
    std::size_t first_;
    Executor& executor_;
    Tap& tap_;
    GradientTap& gradients_;
    std::vector<layer_record> records_;
};

}  // namespace detail

/// Refers to what turns logits into gradients, whose type is known when the program runs.
class any_logit_seed {
  public:
    template <std::invocable<const_matrix_view, matrix_view> Seed>
    explicit any_logit_seed(const Seed& held) noexcept
        : held_(&held), call_([](const void* object, const_matrix_view logits, matrix_view gradient) {
              (*static_cast<const Seed*>(object))(logits, gradient);
          }) {}
    void operator()(const_matrix_view logits, matrix_view gradient) const { call_(held_, logits, gradient); }

  private:
    const void* held_;
    void (*call_)(const void* object, const_matrix_view logits, matrix_view gradient);
};

/// A decoder whose layers, embedding, norm and head all carry gradients back.
template <class Decoder>
concept decoder_with_backward =
    has_backward<std::remove_cvref_t<decltype(std::declval<const Decoder&>().layer(0))>> &&
    requires(const Decoder& decoder, serial& executor, const_matrix_view values, matrix_view gradient,
             scratch_stack& scratch) {
        decoder.final_norm().backward(decoder.backend(), executor, 0.0F, values, gradient);
        decoder.head().backward(decoder.backend(), executor, 0.0F, values, gradient, gradient);
        decoder.embedding().layer_inputs_backward(decoder.backend(), executor, decoder.config().embedding(), values,
                                                  gradient, scratch, gradient);
    };

/// Runs `tokens` forward from layer `first` on, lets `seed(const_matrix_view logits, matrix_view gradient)` turn the
/// logits of the tokens that want them, [wanting, vocabulary], into gradients of some function of them (zeros before),
/// and carries these back to layer `first`. `gradients` is shown the gradient at every site; returned is that of the
/// stream that entered layer `first` (of the embedding, when it is 0), [tokens, hidden], valid until the next pass.
///
/// With `first` above 0 the caller has put the residual stream into `state.stream(tokens.size())` as for
/// `decoder::resume`. `tap` acts as in a forward pass, but where layers run twice (`kept_activations::residual`) its
/// events come twice; gradients at a site are by what the tap left there, so a tap that rewrites values carries them
/// further itself, as a gradient tap. Tokens of a row that are not in `tokens` are constants. Choices of experts are
/// held fixed, their weights are not. A gradient tap that asks for them is told the gradients of matrices, see
/// `listens_to_weights`; a tied head is told as the head alone. Gradients of a row depend neither on the other
/// rows nor on the threads, bit for bit, where the backend is batch-invariant. See `backward_state::cost`.
template <class Decoder, class Seed, class GradientTap, class Executor, class Tap>
    requires std::invocable<const Seed&, const_matrix_view, matrix_view>
matrix_view backward(const Decoder& decoder, decoder_state& state, backward_state& memory,
                     std::span<const batch_token> tokens, const Seed& seed, GradientTap& gradients, Executor& executor,
                     Tap& tap, std::size_t first = 0) {
    require_executor<Executor>();
    require_tap<Tap>();
    require_gradient_tap<GradientTap>();
    if constexpr (requires { decoder.layer(first); })
        return detail::backward_pass<Decoder, Executor, Tap, GradientTap>(decoder, state, memory, tokens, first,
                                                                          executor, tap, gradients)
            .run(seed);
    else
        return decoder.backward(state, memory, tokens, any_logit_seed(seed), any_gradient_tap(gradients),
                                any_executor(executor), any_tap(tap), first);
}

}  // namespace unloop::inline v0

#endif
