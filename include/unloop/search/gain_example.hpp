// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What gains are fitted to: texts with the distribution that the model shall have at each position.
#ifndef UNLOOP_SEARCH_GAIN_EXAMPLE_HPP
#define UNLOOP_SEARCH_GAIN_EXAMPLE_HPP

#include <unloop/attribute/branch_tokens.hpp>
#include <unloop/evaluate/forced_text.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/kernels/top_k.hpp>
#include <unloop/model/decoder_state.hpp>

#include <algorithm>  // min, find
#include <cmath>      // exp, log
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <optional>   // records without decisions
#include <span>       // logits
#include <string>     // prefixes
#include <vector>     // targets

namespace unloop::inline v0 {

/// A distribution over the vocabulary by its most probable tokens; all others are one event.
struct token_distribution {
    std::vector<token_id> tokens;
    std::vector<double> shares;  ///< of `tokens`
    double rest = 0;             ///< of all others together
};

/// Where the model shall predict `wanted`.
struct gain_target {
    std::size_t position = 0;  ///< whose logits
    token_distribution wanted;
    bool is_decision = false;  ///< a place where the unedited model chose to repeat itself
};

struct gain_example {
    std::vector<token_id> tokens;
    std::vector<gain_target> targets;  ///< positions ascending
};

struct gain_example_options {
    std::size_t tokens = 64;     ///< kept of each distribution
    std::size_t positions = 48;  ///< most positions of a text beside decisions, evenly spread
    std::size_t chunk = 32;      ///< tokens of one pass
};

/// The divergence in nats of softmax(logits) from `wanted`, KL(wanted | softmax); adds `scale` times its gradient by
/// the logits. logits, gradient: [vocabulary]; an empty gradient is not asked for. O(vocabulary).
inline double add_divergence(const token_distribution& wanted, std::span<const float> logits, double scale,
                             std::span<float> gradient) {
    const auto total = static_cast<double>(kernels::log_sum_exp(reference{}, logits));
    const auto log_share = [&](token_id token) {
        return static_cast<double>(logits[static_cast<std::size_t>(token)]) - total;
    };
    constexpr double tiny = 1e-12;
    double listed = 0, divergence = 0;
    for (std::size_t i = 0; i < wanted.tokens.size(); ++i) {
        listed += std::exp(log_share(wanted.tokens[i]));
        if (wanted.shares[i] > 0)
            divergence += wanted.shares[i] * (std::log(wanted.shares[i]) - log_share(wanted.tokens[i]));
    }
    const double rest = std::max(1 - listed, tiny);
    if (wanted.rest > tiny) divergence += wanted.rest * std::log(wanted.rest / rest);
    if (gradient.empty()) return divergence;
    const double factor = scale * (1 - wanted.rest / rest);
    for (std::size_t v = 0; v < logits.size(); ++v)
        gradient[v] += static_cast<float>(factor * std::exp(static_cast<double>(logits[v]) - total));
    for (std::size_t i = 0; i < wanted.tokens.size(); ++i)
        gradient[static_cast<std::size_t>(wanted.tokens[i])] +=
            static_cast<float>(scale * std::exp(log_share(wanted.tokens[i])) - scale * wanted.shares[i] -
                               factor * std::exp(log_share(wanted.tokens[i])));
    return divergence;
}

/// The model's own distribution, by its best tokens.
[[nodiscard]] inline token_distribution distribution_of(std::span<const float> logits, std::size_t tokens) {
    token_distribution made;
    made.tokens.resize(std::min(tokens, logits.size()));
    kernels::top_k_t::plain(logits, made.tokens);
    const float total = kernels::log_sum_exp(reference{}, logits);
    made.rest = 1;
    for (const token_id token : made.tokens)
        made.rest -= made.shares.emplace_back(
            std::exp(static_cast<double>(logits[static_cast<std::size_t>(token)]) - static_cast<double>(total)));
    made.rest = std::max(made.rest, 0.0);
    return made;
}

/// Without the tokens that `forbids(token)`, the others renormalised: what the model would say if it could not say
/// those.
template <class Forbids>
void forbid(token_distribution& of, const Forbids& forbids) {
    double left = of.rest;
    for (std::size_t i = 0; i < of.tokens.size(); ++i) {
        if (forbids(of.tokens[i])) of.shares[i] = 0;
        left += of.shares[i];
    }
    if (left <= 0) return;
    for (double& share : of.shares) share /= left;
    of.rest /= left;
}

namespace detail {

/// Every position of `text` that predicts a token of its answer: `visit(position, logits)`, ascending.
template <class Model, class Executor, class Visitor>
void visit_logits(const Model& model, const forced_text& text, std::size_t chunk, Executor& executor,
                  const Visitor& visit) {
    decoder_state state(model.config(), {1, text.tokens.size(), chunk, chunk});
    std::vector<batch_token> pass;
    no_tap none;
    for (std::size_t first = 0; first + 1 < text.tokens.size(); first += chunk) {
        pass.clear();
        for (std::size_t t = first; t < std::min(first + chunk, text.tokens.size() - 1); ++t)
            pass.push_back({text.tokens[t], 0, static_cast<std::int32_t>(t), t + 1 >= text.answer});
        const matrix_view logits = model.decoder().forward(state, pass, executor, none);
        std::size_t row = 0;
        for (const batch_token& token : pass)
            if (token.wants_logits) visit(static_cast<std::size_t>(token.position), logits[row++]);
    }
}

}  // namespace detail

/// A healthy text: at every position the model shall stay what it is.
template <class Model, class Executor>
[[nodiscard]] gain_example healthy_example(const Model& model, const forced_text& text, Executor& executor,
                                           const gain_example_options& options = {}) {
    gain_example made{text.tokens, {}};
    made.tokens.pop_back();
    const std::size_t every = (made.tokens.size() - text.answer) / options.positions + 1;
    detail::visit_logits(model, text, options.chunk, executor,
                         [&](std::size_t position, std::span<const float> logits) {
                             if ((position + 1 - text.answer) % every == 0)
                                 made.targets.push_back({position, distribution_of(logits, options.tokens), false});
                         });
    return made;
}

/// A text as it is: at every position of its answer the model shall predict the next token. O(tokens), no pass.
[[nodiscard]] inline gain_example said_example(const forced_text& text) {
    gain_example made{text.tokens, {}};
    made.tokens.pop_back();
    for (std::size_t next = text.answer; next < text.tokens.size(); ++next)
        made.targets.push_back({next - 1, {{text.tokens[next]}, {1.0}, 0}, false});
    return made;
}

/// An answer that lists items again: at the branch tokens of their second and third copies the model's own distribution
/// without what leads to a listed item, elsewhere the model as it is. Nothing when it has no branch. The text ends at
/// the last branch: what follows is the loop itself.
template <class Model, class Executor>
[[nodiscard]] std::optional<gain_example> looping_example(const Model& model, const record& row, Executor& executor,
                                                          const gain_example_options& options = {}) {
    const auto& tokenizer = model.tokenizer();
    const std::vector<branch_token> branches = branch_tokens(token_text(tokenizer, row.tokens));
    if (branches.empty()) return std::nullopt;
    forced_text text = force(row);
    text.tokens.resize(text.answer + branches.back().token + 1);
    gain_example made = healthy_example(model, text, executor, options);
    detail::visit_logits(
        model, text, options.chunk, executor, [&](std::size_t position, std::span<const float> logits) {
            for (const branch_token& at : branches) {
                if (text.answer + at.token != position + 1) continue;
                gain_target target{position, distribution_of(logits, options.tokens), true};
                forbid(target.wanted, [&](token_id token) {
                    return token == row.tokens[at.token] ||
                           (!tokenizer.is_special(token) &&
                            leads_to_listed(at.prefix + std::string(tokenizer.token_bytes(token)), at.listed));
                });
                std::erase_if(made.targets, [&](const gain_target& other) { return other.position == position; });
                made.targets.push_back(std::move(target));
            }
        });
    std::sort(made.targets.begin(), made.targets.end(),
              [](const gain_target& a, const gain_target& b) { return a.position < b.position; });
    return made;
}

}  // namespace unloop::inline v0

#endif
