// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Finds the decisions of a looping record, and the alternatives that the model had there.
#ifndef UNLOOP_ATTRIBUTE_DECISIONS_HPP
#define UNLOOP_ATTRIBUTE_DECISIONS_HPP

#include <unloop/attribute/branch_tokens.hpp>
#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/detect/find_loop.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/kernels/top_k.hpp>

#include <algorithm>  // sort
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <optional>   // records without a loop
#include <span>       // logits
#include <string>     // prefixes
#include <vector>     // decisions

namespace unloop::inline v0 {

struct decision_options {
    std::size_t alternatives = 8;    ///< how many tokens are frozen at a decision
    std::size_t candidates = 64;     ///< best tokens among which they are looked for
    std::size_t most_decisions = 8;  ///< the first ones of a record
};

namespace detail {

/// A token that may stand for going on with something new: it has text, is no control token, breaks no line, is more
/// than a counter, and does not lead to an item that was listed.
template <class Tokenizer>
bool is_alternative(const Tokenizer& tokenizer, token_id token, const branch_token& at) {
    if (tokenizer.is_special(token)) return false;
    const std::string bytes(tokenizer.token_bytes(token));
    if (bytes.find('\n') != std::string::npos || item_content(bytes).empty()) return false;
    if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == ' ' || (c >= '0' && c <= '9'); }))
        return false;
    return !leads_to_listed(at.prefix + bytes, at.listed);
}

/// The best tokens of `logits` that are alternatives at `at` and are not `loop`.
template <class Tokenizer>
std::vector<token_id> frozen_alternatives(const Tokenizer& tokenizer, std::span<const float> logits, token_id loop,
                                          const branch_token& at, const decision_options& options) {
    std::vector<std::int32_t> best(std::min(options.candidates, logits.size()));
    kernels::top_k_t::plain(logits, best);
    std::vector<token_id> kept;
    for (std::int32_t token : best)
        if (kept.size() < options.alternatives && token != loop && is_alternative(tokenizer, token, at))
            kept.push_back(token);
    return kept;
}

/// In a loop without items: every offset of the second and third copy is a candidate.
inline std::vector<branch_token> periodic_branches(std::span<const token_id> answer) {
    const auto found = find_loop(periodic_loop(128, evidence_at_cut), answer);
    if (!found) return {};
    std::vector<branch_token> branches;
    for (std::int64_t copy = 1; copy <= 2; ++copy)
        for (std::int64_t offset = 0; offset < found->period; ++offset)
            branches.push_back({static_cast<std::size_t>(found->start + copy * found->period + offset),
                                static_cast<int>(copy) + 1,
                                {},
                                {}});
    return branches;
}

/// Of all offsets of a period, keeps the one at which the loop's margin over the two copies is smallest.
inline void keep_weakest_offset(recorded_run& run) {
    const std::size_t period = run.decisions.size() / 2;
    if (period == 0) return;
    const loop_margin margin;
    const auto weight = [&](std::size_t i) {
        return margin.value(run.logits[i], run.decisions[i]) +
               margin.value(run.logits[i + period], run.decisions[i + period]);
    };
    std::size_t weakest = 0;
    for (std::size_t i = 1; i < period; ++i)
        if (weight(i) < weight(weakest)) weakest = i;
    run.decisions = {run.decisions[weakest], run.decisions[weakest + period]};
    run.logits = {run.logits[weakest], run.logits[weakest + period]};
}

}  // namespace detail

/// The decisions of `row` with their activations: branch tokens at the second and third copies of items, or, in a loop
/// without items, the offset of the period with the smallest margin. Nothing when the record holds no such place.
/// Two passes over prompt + answer.
template <class Model, class Executor>
[[nodiscard]] std::optional<recorded_run> find_decisions(const Model& model, const record& row, Executor& executor,
                                                         const decision_options& options = {}) {
    require_executor<Executor>();
    const auto& tokenizer = model.tokenizer();
    std::vector<branch_token> branches = branch_tokens(token_text(tokenizer, row.tokens));
    const bool has_items = !branches.empty();
    if (branches.size() > options.most_decisions) branches.resize(options.most_decisions);
    if (!has_items) branches = detail::periodic_branches(row.tokens);
    if (branches.empty()) return std::nullopt;
    recorded_run run;
    run.prompt_tokens = row.prompt.size();
    run.onset = run.prompt_tokens + branches.front().token;
    run.tokens = row.prompt;
    run.tokens.insert(run.tokens.end(), row.tokens.begin(),
                      row.tokens.begin() + static_cast<std::ptrdiff_t>(branches.back().token));
    for (const branch_token& at : branches)
        run.decisions.push_back({run.prompt_tokens + at.token, row.tokens[at.token], {}});
    record_activations(model.decoder(), executor, run);
    for (std::size_t d = 0; d < branches.size(); ++d) {
        decision& at = run.decisions[d];
        at.alternatives = detail::frozen_alternatives(tokenizer, run.logits[d], at.loop, branches[d], options);
        at.shares = detail::chosen_softmax(run.logits[d], at.alternatives).shares;
    }
    if (!has_items) detail::keep_weakest_offset(run);
    for (std::size_t d = run.decisions.size(); d-- > 0;)
        if (run.decisions[d].alternatives.empty()) {
            run.decisions.erase(run.decisions.begin() + static_cast<std::ptrdiff_t>(d));
            run.logits.erase(run.logits.begin() + static_cast<std::ptrdiff_t>(d));
        }
    if (run.decisions.empty()) return std::nullopt;
    return run;
}

}  // namespace unloop::inline v0

#endif
