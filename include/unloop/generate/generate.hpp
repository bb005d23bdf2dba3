// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Batched generation: a queue of prompts over the rows of one state; a row that ends gives its place to the next
// prompt, and what rows have in common is computed once.
#ifndef UNLOOP_GENERATE_GENERATE_HPP
#define UNLOOP_GENERATE_GENERATE_HPP

#include <unloop/core/progress.hpp>
#include <unloop/generate/largest_logits.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/generate/row_queue.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/generate/stop_rule.hpp>
#include <unloop/io/answer_decoder.hpp>
#include <unloop/io/any_tokenizer.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/model/layer_range.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // copy, min
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <span>       // prompts
#include <vector>     // records

namespace unloop::inline v0 {

/// How to generate. Tokens never depend on `batch`, `threads` or `chunk`.
struct generation_options {
    std::size_t max_tokens = 256;    ///< most tokens of an answer
    std::size_t batch = 32;          ///< most rows side by side
    std::size_t threads = 1;         ///< the calling one included
    std::size_t chunk = 128;         ///< most prompt tokens of one pass
    bool log_probabilities = false;  ///< keep those of the chosen tokens, under the model's own logits
    bool stop_at_end_token = true;   ///< false: the end token is a token like any other
    std::uint64_t first_id = 0;      ///< id of the first record; the others count on
    key_value_format keys_and_values = key_value_format::f32;  ///< bf16: half the memory, and other bits
};

/// What a run had to compute, in tokens.
struct generation_work {
    std::size_t tokens = 0;      ///< that rows went through, prompts included: what each would compute alone
    double computed = 0;         ///< of which were computed; a token that shares half of its layers counts half
    std::size_t not_needed = 0;  ///< of the answers' budgets, because rows ended or looped before
    std::size_t rejected = 0;    ///< that were expected and did not come: computed, and no part of `tokens`
    std::size_t heads = 0;       ///< states whose logits were computed for the whole vocabulary

    [[nodiscard]] double shared() const noexcept { return static_cast<double>(tokens) - computed; }
};

/// A tap whose events depend on the row is told which prompt a row works on.
template <class Tap>
concept row_listener = requires(Tap& tap, std::size_t row, std::size_t prompt) { tap.begin_row(row, prompt); };

/// A tap that lets rows share what they have in common tells in which layers two prompts have to be computed apart
/// though their tokens be the same, because it treats them differently from there on: `no_layers` where it never does.
/// It must not mind how often, and in which row, a token that is shared is seen, nor tokens that were expected of a row
/// and did not come.
template <class Tap>
concept row_sharer = requires(const Tap& tap, std::size_t prompt) {
    { tap.own_layers(prompt, prompt) } -> std::same_as<layer_range>;
};

namespace detail {

/// A tap that says nothing has every row computed by itself.
template <class Tap>
[[nodiscard]] layer_range own_layers(const Tap& tap, std::size_t prompt, std::size_t other) {
    if constexpr (std::same_as<Tap, no_tap>)
        return no_layers;
    else if constexpr (row_sharer<Tap>)
        return tap.own_layers(prompt, other);
    else
        return all_layers;
}

template <class Model, class Sampler, class Rule, class Tap>
class generation {
  public:
    generation(const Model& model, std::span<const std::vector<token_id>> prompts, const generation_options& options,
               const Sampler& sampler, const Rule& rule, Tap& tap)
        : model_(model),
          options_(options),
          sampler_(sampler),
          tap_(tap),
          executor_(options.threads),
          largest_suffices_(largest_may_suffice && takes_largest(sampler) && !options.log_probabilities &&
                            keeps_activations(model.decoder().backend())),
          queue_(prompts, std::min(options.batch, prompts.size()), options.max_tokens, options.chunk,
                 largest_suffices_ && rows_may_share),
          state_(model.config(), queue_.size_of_state(options.keys_and_values)),
          largest_(state_.size().state_rows, state_.size().tokens, model.config().hidden),
          rules_(prompts.size(), rule),
          records_(prompts.size()) {
        if constexpr (rows_may_share) queue_.bring_together();
        choices_.reserve(state_.size().state_rows), groups_.reserve(state_.size().state_rows);
        if (options.log_probabilities) logit_copies_.resize(state_.size().rows * model.config().vocabulary);
        for (std::size_t i = 0; i < prompts.size(); ++i) {
            records_[i].id = options.first_id + i;
            records_[i].prompt = prompts[i];
            records_[i].reason = stop_reason::cancelled;  // until it ends otherwise
            if (model.has_tokenizer()) decoders_.emplace_back(model.tokenizer(), prompts[i]);
        }
    }

    template <class Progress>
    std::vector<record> run(Progress& progress) {
        while (!queue_.done()) {
            if (!progress(progress_event{"generate", static_cast<std::int64_t>(queue_.finished()),
                                         static_cast<std::int64_t>(records_.size())}))
                break;
            const shared_pass& pass = next_pass();
            count(pass);
            list_choices(pass);
            choose(pass);
            for (const choice& chosen : choices_) {
                if (queue_.is_next(chosen.fed))
                    accept(chosen);
                else
                    ++work_.rejected, --work_.tokens;
            }
        }
        for (std::size_t i = 0; i < decoders_.size(); ++i) {
            const auto rest = decoders_[i].finish();
            records_[i].text += rest.answer;
            records_[i].thought += rest.thought;
        }
        return std::move(records_);
    }
    [[nodiscard]] const generation_work& work() const noexcept { return work_; }

  private:
    using texts = answer_decoder<any_tokenizer>::texts;
    static constexpr bool rows_may_share = std::same_as<Tap, no_tap> || row_sharer<Tap>;
    static constexpr bool largest_may_suffice =
        !listens_to<Tap, sites::logits> && has_head_apart<typename Model::decoder_type>;
    struct choice {
        batch_token fed;
        token_id token;
        float log_probability;
        [[nodiscard]] std::size_t row() const noexcept { return static_cast<std::size_t>(fed.row); }
    };

    const shared_pass& next_pass() {
        return queue_.next_pass(
            state_,
            [&](std::size_t row, std::size_t prompt) {
                if constexpr (row_listener<Tap>) tap_.begin_row(row, prompt);
                begin(prompt);
            },
            [&](std::size_t prompt, std::size_t other) { return own_layers(tap_, prompt, other); },
            [&](std::size_t from, std::size_t to, std::size_t positions, std::size_t held) {
                state_.share_row(from, to, positions, held);
                work_.tokens += positions;
            });
    }

    void count(const shared_pass& pass) noexcept {
        work_.tokens += pass.tokens().size();
        work_.computed += static_cast<double>(pass.tokens().size());
        const auto layers = static_cast<double>(model_.config().layers.size());
        for (const token_join& join : pass.joins()) {
            const double shared = static_cast<double>(join.own.first) + (join.own.skip_first_attention ? 0.5 : 0.0);
            work_.computed -= std::min(shared / layers, 1.0);
        }
    }

    /// Gets the memory of a whole answer, so that no step does.
    void begin(std::size_t prompt) {
        constexpr std::size_t bytes_a_token = 8;  // of text; where it is not enough, the text grows
        record& row = records_[prompt];
        row.tokens.reserve(options_.max_tokens);
        if (options_.log_probabilities) row.log_probabilities.reserve(options_.max_tokens);
        if (!decoders_.empty()) row.text.reserve(bytes_a_token * options_.max_tokens);
    }

    void list_choices(const shared_pass& pass) {
        choices_.clear(), groups_.clear();
        for (std::size_t t = 0; t < pass.tokens().size(); ++t) {
            if (!pass.tokens()[t].wants_logits) continue;
            choices_.push_back({pass.tokens()[t], 0, 0});
            groups_.push_back(pass.firsts()[t]);
        }
    }

    void choose(const shared_pass& pass) {
        if constexpr (largest_may_suffice)
            if (largest_suffices_)
                return choose_largest(model_.decoder().states(state_, pass.tokens(), pass.joins(), executor_, tap_));
        choose_by_logits(model_.decoder().forward(state_, pass.tokens(), pass.joins(), executor_, tap_));
    }

    void choose_largest(const_matrix_view states) {
        const std::size_t before = largest_.computed();
        const matrix_view at_once = state_.logits(std::min(states.rows(), state_.size().logit_rows));
        const auto words = largest_.words(model_.decoder(), states, groups_, at_once, executor_);
        for (std::size_t i = 0; i < choices_.size(); ++i) choices_[i].token = words[i];
        work_.heads += largest_.computed() - before;
    }

    void choose_by_logits(matrix_view logits) {
        const auto& backend = model_.decoder().backend();
        for_each_row(executor_, choices_.size(), [&](std::size_t i) {
            const std::size_t prompt = queue_.prompt_of(choices_[i].row());
            const record& row = records_[prompt];
            std::span<float> rewritable = logits[i];
            if (options_.log_probabilities) {
                rewritable = std::span(logit_copies_).subspan(i * logits.columns(), logits.columns());
                std::copy(logits[i].begin(), logits[i].end(), rewritable.begin());
            }
            choices_[i].token = sampler_.choose(backend, rewritable, queue_.past_of(choices_[i].row()),
                                                draw_id{row.id, row.tokens.size()});
            if (options_.log_probabilities)
                choices_[i].log_probability =
                    logits[i][static_cast<std::size_t>(choices_[i].token)] - kernels::log_sum_exp(backend, logits[i]);
        });
        work_.heads += choices_.size();
    }

    void accept(const choice& chosen) {
        const std::size_t prompt = queue_.prompt_of(chosen.row());
        record& row = records_[prompt];
        row.tokens.push_back(chosen.token);
        if (options_.log_probabilities) row.log_probabilities.push_back(chosen.log_probability);
        // Heads are padded to more rows than there are tokens; what is no token has no text.
        const bool has_text = !decoders_.empty() && model_.tokenizer().words().contains(chosen.token);
        const auto piece = has_text ? decoders_[prompt].push(chosen.token) : texts{};
        row.text += piece.answer;
        row.thought += piece.thought;
        row.loop = rules_[prompt].observe(chosen.token, piece.answer);
        const bool ended =
            options_.stop_at_end_token && model_.has_tokenizer() && model_.tokenizer().ends_answer(chosen.token);
        if (!ended && !row.loop && row.tokens.size() < options_.max_tokens)
            return queue_.push(chosen.row(), chosen.token);
        row.reason = ended ? stop_reason::end_token : row.loop ? stop_reason::loop : stop_reason::length;
        work_.not_needed += options_.max_tokens - row.tokens.size();
        queue_.finish(chosen.row());
    }

    const Model& model_;
    const generation_options& options_;
    const Sampler& sampler_;
    Tap& tap_;
    thread_pool executor_;
    bool largest_suffices_;
    row_queue queue_;
    decoder_state state_;
    largest_logits largest_;
    std::vector<Rule> rules_;
    std::vector<record> records_;
    std::vector<answer_decoder<any_tokenizer>> decoders_;
    std::vector<choice> choices_;
    std::vector<std::size_t> groups_;  // of choices: those with one past
    generation_work work_;
    std::vector<float> logit_copies_;  // [rows, vocabulary]; empty where nobody looks at logits after the sampler
};

}  // namespace detail

/// Records of all prompts, in their order, and what they cost.
struct generated {
    std::vector<record> records;
    generation_work work;
};

/// `generate_all`, with what it cost.
template <class Model, class Sampler = greedy, class Rule = never_stop, class Tap, class Progress = no_progress>
[[nodiscard]] generated generate_counted(const Model& model, std::span<const std::vector<token_id>> prompts,
                                         const generation_options& options, const Sampler& sampler, const Rule& rule,
                                         Tap& tap, Progress&& progress = {}) {
    require_token_sampler<Sampler, typename Model::decoder_type::backend_type>();
    require_stop_rule<Rule>();
    require_tap<Tap>();
    require_progress_sink<Progress>();
    for (std::size_t i = 0; i < prompts.size(); ++i)
        if (prompts[i].empty())
            throw error("generate: prompt " + std::to_string(i) + " has no tokens, so that nothing can follow it");
    if (prompts.empty() || options.max_tokens == 0 || options.batch == 0)
        return {std::vector<record>(prompts.size()), {}};
    detail::generation<Model, Sampler, Rule, Tap> all(model, prompts, options, sampler, rule, tap);
    std::vector<record> records = all.run(progress);
    return {std::move(records), all.work()};
}

/// Records of all prompts, in their order. `tap` sees every pass; without one, or with one that is a `row_sharer`, what
/// rows have in common is computed once. With a sink that says stop, what was generated so far comes back with the
/// reason `cancelled`. Throws `error` for a prompt without tokens. Memory: `decoder_state::bytes`.
template <class Model, class Sampler = greedy, class Rule = never_stop, class Tap, class Progress = no_progress>
[[nodiscard]] std::vector<record> generate_all(const Model& model, std::span<const std::vector<token_id>> prompts,
                                               const generation_options& options, const Sampler& sampler,
                                               const Rule& rule, Tap& tap, Progress&& progress = {}) {
    return generate_counted(model, prompts, options, sampler, rule, tap, progress).records;
}

/// One prompt: `generate(model, chat{"List all dog breeds."}, {.max_tokens = 256}, stop_at(periodic_loop{}))`.
template <class Model, class Rule = never_stop, class Sampler = greedy>
[[nodiscard]] record generate(const Model& model, const any_prompt& what, const generation_options& options = {},
                              const Rule& rule = {}, const Sampler& sampler = {}) {
    const std::vector<token_id> ids = encode_prompt(model, what);
    no_tap none;
    return generate_all(model, std::span(&ids, 1), options, sampler, rule, none).front();
}

}  // namespace unloop::inline v0

#endif
