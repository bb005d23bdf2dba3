// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan that was tried, what it may cost, and what makes one trial better than another.
#ifndef UNLOOP_SEARCH_TRIAL_HPP
#define UNLOOP_SEARCH_TRIAL_HPP

#include <unloop/edit/plan.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/measurement.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <limits>     // no budget

namespace unloop::inline v0 {

/// Nats a token by which healthy texts must surprise a broken model less for that to pay for an edit more.
inline constexpr double worthwhile_gain = 0.01;

/// What an edit may cost. A plan that costs more loses, however few loops it leaves.
struct search_budget {
    double token_kl = 0.05;       ///< nats a token on healthy texts, unedited against edited
    double fewer_items = 0.1;     ///< share of the unedited model's distinct items that may be lost
    double early_endings = 0.05;  ///< share of answers that may newly end early or turn to prose
    double copying = 0.03;        ///< share of random tokens said twice that may no longer be copied
    /// For a model that is broken altogether: its own distribution is no measure of health, what it predicts is.
    [[nodiscard]] static constexpr search_budget unlimited() noexcept {
        constexpr double none = std::numeric_limits<double>::infinity();
        return {none, none, none, none};
    }
    [[nodiscard]] constexpr bool is_unlimited() const noexcept {
        return token_kl == std::numeric_limits<double>::infinity();
    }
};

/// A plan that was tried.
struct trial {
    plan edit;
    measurement measured;
    divergence healthy;  ///< on the texts of the search
    bool within_budget = false;
    bool is_partial = false;  ///< measured on the first probes of the suite alone: never the best
    std::size_t weights = 0;  ///< of the file that it touches (`weights_touched`)
    double copying_lost = 0;  ///< share of random tokens said twice that the unedited model copies, less this one's
    bool repairs = false;     ///< without a budget, in a broken model: what healthy texts gain counts
};

/// Share of answers that loop.
[[nodiscard]] inline double loop_rate(const measurement& measured) noexcept {
    return measured.outcomes.loops().value();
}
/// Share of answers that end early or turn to prose.
[[nodiscard]] inline double early_share(const measurement& measured) noexcept {
    return measured.outcomes.share(outcome::ended_early).value() +
           measured.outcomes.share(outcome::refusal_or_prose).value();
}

/// One number for strategies that follow a slope, lower is better: the shares of answers that loop and that end early,
/// and what exceeds the default budget, of which as much again as the budget costs as much as one answer in two. Within
/// the budget divergence costs next to nothing, or edits that change nothing would look best. In a broken model it is
/// the surprise at healthy texts in place of the divergence, a nat as much as all answers. It decides where a strategy
/// looks next, and never what is best: `search` does that by the budget.
struct trial_cost {
    double within = 0.5;  ///< of a nat: between edits that leave as many loops
    double nat = 10;
    double copy = 16;
    search_budget free = {};

    [[nodiscard]] double operator()(const trial& tried) const noexcept {
        const double answers = loop_rate(tried.measured) + early_share(tried.measured);
        if (tried.repairs) return answers + tried.healthy.surprise_rise;
        return answers + within * tried.healthy.mean + nat * std::max(tried.healthy.mean - free.token_kl, 0.0) +
               copy * std::max(tried.copying_lost - free.copying, 0.0);
    }
};

namespace detail {

inline std::size_t loops_of(const measurement& measured) { return measured.outcomes.loops().count; }

[[nodiscard]] inline bool within(const search_budget& budget, const measurement& unedited, const trial& tried) {
    const bool keeps_items = budget.fewer_items >= 1 || tried.measured.distinct_items.mean >=
                                                            (1 - budget.fewer_items) * unedited.distinct_items.mean;
    return tried.healthy.mean <= budget.token_kl && keeps_items && tried.copying_lost <= budget.copying &&
           early_share(tried.measured) <= early_share(unedited) + budget.early_endings;
}

/// What a plan costs, in loops: those that it leaves and one an edit. Where it repairs a broken model, what healthy
/// texts gain is taken off, and loops count half: every token of a text tells of the damage, and one answer more or
/// less is noise.
[[nodiscard]] inline double price_of(const trial& tried) noexcept {
    const auto loops = static_cast<double>(loops_of(tried.measured)), edits = static_cast<double>(tried.edit.size());
    return tried.repairs ? loops / 2 + edits - std::max(-tried.healthy.surprise_rise, 0.0) / worthwhile_gain
                         : loops + edits;
}

/// The lower price: an edit more has to save more than one loop (a single loop is noise, and the smallest edit is what
/// is asked for), or in a broken model to bring more than `worthwhile_gain`, or half of it and a loop; then fewer
/// edits; then less surprise at healthy texts.
[[nodiscard]] inline bool better(const trial& a, const trial& b) {
    if (price_of(a) != price_of(b)) return price_of(a) < price_of(b);
    if (a.edit.size() != b.edit.size()) return a.edit.size() < b.edit.size();
    return a.healthy.surprise_rise < b.healthy.surprise_rise;
}

}  // namespace detail

}  // namespace unloop::inline v0

#endif
