// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A decoder: embedding, layers, final norm, head. Families of models are aliases of it.
#ifndef UNLOOP_MODEL_DECODER_HPP
#define UNLOOP_MODEL_DECODER_HPP

#include <unloop/blocks/block_run.hpp>
#include <unloop/blocks/parameter.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/model/layer_range.hpp>

#include <algorithm>  // copy, copy_if, min
#include <cstddef>    // size_t
#include <iterator>   // back_inserter
#include <span>       // tokens
#include <utility>    // move
#include <vector>     // layers

namespace unloop::inline v0 {

/// `Backend` is the only type beside the parts. The object holds views of weights that somebody else owns, and does not
/// change while it runs: a `decoder_state` does, so threads may share a decoder.
template <class Backend, class Embedding, class Layer, class Norm, class Head>
class decoder {
  public:
    using backend_type = Backend;

    decoder(decoder_config config, Backend backend)
        : config_(std::move(config)), backend_(std::move(backend)), layers_(config_.layers.size()) {}

    [[nodiscard]] const decoder_config& config() const noexcept { return config_; }
    [[nodiscard]] const Backend& backend() const noexcept { return backend_; }
    [[nodiscard]] const Embedding& embedding() const noexcept { return embedding_; }
    [[nodiscard]] const Layer& layer(std::size_t i) const noexcept { return layers_[i]; }
    [[nodiscard]] const Head& head() const noexcept { return head_; }
    [[nodiscard]] const Norm& final_norm() const noexcept { return final_norm_; }
    [[nodiscard]] const weight_view& head_weights() const noexcept { return head_.weights; }

    /// The only list of a model's parameters: `visit(parameter_name, parameter_shape, slot)`, slot being a
    /// matrix_parameter& or a vector_parameter&. A tied head has no slot of its own: call `tie_head` after binding.
    template <class Visitor>
    void for_each_parameter(Visitor&& visit) {
        embedding_.for_each_parameter(config_.embedding(),
                                      [&](layer_parameter name, parameter_shape shape, auto& slot) {
                                          visit(parameter_name{-1, name.role}, shape, slot);
                                      });
        for (std::size_t i = 0; i < layers_.size(); ++i)
            layers_[i].for_each_parameter(
                config_.layers[i], [&](layer_parameter name, parameter_shape shape, auto& slot) {
                    visit(parameter_name{static_cast<std::int32_t>(i), name.role, name.expert}, shape, slot);
                });
        visit(parameter_name{-1, parameter_role::final_norm}, parameter_shape{1, config_.hidden}, final_norm_.weight);
        if (!config_.tied_head)
            visit(parameter_name{-1, parameter_role::head}, parameter_shape{config_.vocabulary, config_.hidden},
                  head_.weights);
    }
    void tie_head() noexcept {
        if (config_.tied_head) head_.weights = embedding_.table;
    }

    /// One pass over `tokens`; returns the logits of those that want them, in their order: [wanting, vocabulary], valid
    /// until the next pass. Tokens of a row follow on what the state holds of it.
    template <class Executor, class Tap>
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, Executor& executor, Tap& tap) const {
        return forward(state, tokens, {}, executor, tap);
    }

    /// The same where tokens of different rows have layers in common, which are computed once: `joins` speak of the
    /// last tokens, in their order, and begin later from each to the next; a leader stands before those that join it,
    /// and does not join later. No token of a row joins later than those of the same row behind it. A tap sees a token
    /// where it is computed. Bits are those of a pass without joins, as long as the tap leaves alone what is shared.
    template <class Executor, class Tap>
    matrix_view forward(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                        Executor& executor, Tap& tap) const {
        return logits(state, states(state, tokens, joins, executor, tap), executor, tap);
    }

    /// The same without the head: what it reads of the tokens that want logits, the final norm included, in their
    /// order: [wanting, hidden], valid until the next pass, and the caller's to change.
    template <class Executor, class Tap>
    matrix_view states(decoder_state& state, std::span<const batch_token> tokens, std::span<const token_join> joins,
                       Executor& executor, Tap& tap) const {
        require_executor<Executor>();
        require_tap<Tap>();
        expects(joins.size() <= tokens.size(), "decoder: as many joins as tokens at most");
        const std::size_t leading = tokens.size() - joins.size();
        embed(state, tokens.first(leading), state.stream(leading), executor);
        return run_layers(state, tokens, tokens, all_layers, joins, executor, tap);
    }

    /// Logits of the words [first, first + out.columns()) from such states; states: [n, hidden], out: [n, words], with
    /// the bits that these have among the logits of a pass.
    template <class Executor>
    void logits_of(const_matrix_view states, std::size_t first, matrix_view out, Executor& executor) const {
        Head words = head_;
        words.weights = head_.weights.slice(first, out.columns());
        words.forward(backend_, executor, config_.logit_cap, states, out);
    }

    /// The same from layer `range.first` on, with the residual stream that the caller has put into
    /// `state.stream(tokens.size())`. Keys and values of layers below that these layers read must be in the state,
    /// those of `tokens` among them; with `config().lowest_read(layer)` as the first layer there are none. Behind the
    /// last attention only tokens that want logits go on: nothing else is read there, and a tap sees no others.
    template <class Executor, class Tap>
    matrix_view resume(decoder_state& state, std::span<const batch_token> tokens, layer_range range, Executor& executor,
                       Tap& tap) const {
        require_executor<Executor>();
        require_tap<Tap>();
        // What layers get beside the stream is made of the tokens' embeddings once more.
        if (config_.layer_input > 0)
            embed(state, tokens, block_workspace::shaped(state.space().normed, tokens.size(), config_.hidden),
                  executor);
        std::vector<batch_token> wanting;
        std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(wanting),
                     [](const batch_token& token) { return token.wants_logits; });
        return logits(state, run_layers(state, tokens, wanting, range, {}, executor, tap), executor, tap);
    }

    /// What layer `i` needs to run over these tokens, for those who run layers one by one.
    template <class Executor, class Tap>
    [[nodiscard]] block_run<Backend, Executor, Tap> run_of(std::size_t i, decoder_state& state,
                                                           std::span<const batch_token> tokens, Executor& executor,
                                                           Tap& tap) const {
        const layer_traits& traits = config_.layers[i];
        const matrix_view inputs = state.layer_inputs(tokens.size());
        return {backend_,
                executor,
                tap,
                tokens,
                static_cast<std::int32_t>(i),
                traits,
                state.space(),
                state.cache(traits.key_value_layer),
                state.angles(traits.rotary_table),
                inputs.columns(i * traits.layer_input, traits.layer_input)};
    }

    /// Puts the embeddings of the tokens into `stream`, [tokens, hidden], and what layers get beside it into the state.
    template <class Executor>
    void embed(decoder_state& state, std::span<const batch_token> tokens, matrix_view stream,
               Executor& executor) const {
        check_places(state, tokens);
        const embedding_traits traits = config_.embedding();
        embedding_.forward(backend_, executor, traits, tokens, stream);
        embedding_.layer_inputs(backend_, executor, traits, tokens, stream, state.layer_inputs(tokens.size()));
    }

    /// Whether the state has a place for each of the tokens.
    static void check_places(const decoder_state& state, std::span<const batch_token> tokens) noexcept {
        for (const batch_token& token : tokens) {
            expects(token.row >= 0 && static_cast<std::size_t>(token.row) < state.size().rows,
                    "decoder: the state was made for fewer rows");
            expects(token.position >= 0 && static_cast<std::size_t>(token.position) < state.size().positions,
                    "decoder: the state was made for fewer positions");
        }
    }

  private:
    /// `fed_last`: those of the tokens that the last feed-forward is computed for, all or the ones that want logits.
    template <class Executor, class Tap>
    matrix_view run_layers(decoder_state& state, std::span<const batch_token> tokens,
                           std::span<const batch_token> fed_last, layer_range range, std::span<const token_join> joins,
                           Executor& executor, Tap& tap) const {
        check_places(state, tokens);
        state.begin_pass(tokens, range.first == 0);
        std::size_t count = tokens.size() - joins.size();  // of tokens that are computed by now
        const auto admit = [&](layer_range before) {
            for (; count < tokens.size() && joins[count + joins.size() - tokens.size()].own <= before; ++count)
                join(state, tokens, joins[count + joins.size() - tokens.size()].leader, count, before);
        };
        for (std::size_t i = range.first; i < layers_.size(); ++i) {
            admit({i, false});
            if (i > range.first || !range.skip_first_attention) {
                auto run = run_of(i, state, tokens.first(count), executor, tap);
                run.template notify<sites::residual>(state.stream(count));
                layers_[i].attend(run, state.stream(count));
            }
            admit({i, true});
            if (i + 1 == layers_.size() && fed_last.size() < tokens.size()) {
                move_wanting_first(state, tokens);
                tokens = fed_last, count = fed_last.size();
            }
            auto run = run_of(i, state, tokens.first(count), executor, tap);
            layers_[i].feed(run, state.stream(count));
        }
        admit(no_layers);
        notify<sites::residual>(tap, {static_cast<std::int32_t>(layers_.size()), tokens}, state.stream(count));
        return normed(state, tokens, executor, tap);
    }

    /// What layers read of the tokens that want logits comes to stand in the first rows, in their order.
    static void move_wanting_first(decoder_state& state, std::span<const batch_token> tokens) {
        for (const matrix_view values : {state.stream(tokens.size()), state.layer_inputs(tokens.size())})
            for (std::size_t t = 0, to = 0; t < tokens.size(); ++t) {
                if (!tokens[t].wants_logits) continue;
                if (to < t) std::copy(values[t].begin(), values[t].end(), values[to].begin());
                ++to;
            }
    }

    /// Token `to` becomes what token `from` is where `rest` is still to come.
    void join(decoder_state& state, std::span<const batch_token> tokens, std::size_t from, std::size_t to,
              layer_range rest) const {
        expects(from < to && tokens[from].position == tokens[to].position, "decoder: a leader has the same position");
        for (const matrix_view values : {state.stream(to + 1), state.layer_inputs(to + 1)})
            std::copy(values[from].begin(), values[from].end(), values[to].begin());
        state.copy_position(static_cast<std::size_t>(tokens[from].row), static_cast<std::size_t>(tokens[to].row),
                            static_cast<std::size_t>(tokens[to].position),
                            std::min(layers_.size(), rest.first + (rest.skip_first_attention ? 1U : 0U)));
    }

    /// The tokens that want logits, through the final norm.
    template <class Executor, class Tap>
    matrix_view normed(decoder_state& state, std::span<const batch_token> tokens, Executor& executor, Tap& tap) const {
        const matrix_view stream = state.stream(tokens.size());
        std::vector<batch_token>& wanting = state.head_tokens();
        wanting.clear();
        for (std::size_t t = 0; t < tokens.size(); ++t) {
            if (!tokens[t].wants_logits) continue;
            expects(wanting.size() < state.size().state_rows, "decoder: the state was made for fewer rows of logits");
            wanting.push_back(tokens[t]);
            const auto to = state.head_input(wanting.size())[wanting.size() - 1];
            std::copy(stream[t].begin(), stream[t].end(), to.begin());
        }
        const matrix_view out = state.head_input(wanting.size());
        if (wanting.empty()) return out;
        final_norm_.forward(backend_, executor, config_.norm_epsilon, out, out);
        notify<sites::final_norm>(tap, {static_cast<std::int32_t>(layers_.size()), wanting}, out);
        return out;
    }

    template <class Executor, class Tap>
    matrix_view logits(decoder_state& state, const_matrix_view states, Executor& executor, Tap& tap) const {
        const matrix_view out = state.logits(states.rows());
        if (out.rows() == 0) return out;
        head_.forward(backend_, executor, config_.logit_cap, states, out);
        notify<sites::logits>(tap, {static_cast<std::int32_t>(layers_.size()), state.head_tokens()}, out);
        return out;
    }

    decoder_config config_;
    [[no_unique_address]] Backend backend_;
    Embedding embedding_;
    std::vector<Layer> layers_;
    Norm final_norm_;
    Head head_;
};

}  // namespace unloop::inline v0

#endif
