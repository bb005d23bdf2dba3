// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What became of an answer: one outcome for each, so that shares add up to 1 and no cure hides behind another fault.
#ifndef UNLOOP_EVALUATE_OUTCOME_HPP
#define UNLOOP_EVALUATE_OUTCOME_HPP

#include <unloop/detect/find_loop.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/evaluate/answer_items.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/generate/record.hpp>

#include <array>        // all outcomes
#include <cstddef>      // size_t
#include <cstdint>      // uint8_t
#include <optional>     // a comparison that may be absent
#include <string_view>  // names

namespace unloop::inline v0 {

/// The first that holds, from the top; "ended" means that the model ended the answer itself, "items" are the distinct
/// ones of `read_answer`.
enum class outcome : std::uint8_t {
    exact_loop,  ///< a block of tokens repeats: `periodic_loop` at any place, or `evidence_at_cut` where it was cut
    collapse,    ///< items decay onto few: `list_collapse`, knowing how the answer ended
    drift,       ///< items equal but for their numbers: the same detector's counter drift
    ended_with_content,  ///< ended, with 3 items or more and at least half of the unedited answer's; a question's
                         ///< answer needs a letter or digit only
    ended_early,         ///< ended, with fewer items than that, and no prose instead of them
    refusal_or_prose,    ///< asked for a list: fewer than 3 items, repetitions included, and a sentence where they
                         ///< should be, or the budget used up
    still_open,          ///< none of these when the budget was used up
};

inline constexpr std::array all_outcomes{outcome::exact_loop,         outcome::collapse,    outcome::drift,
                                         outcome::ended_with_content, outcome::ended_early, outcome::refusal_or_prose,
                                         outcome::still_open};

[[nodiscard]] constexpr std::string_view name_of(outcome what) noexcept {
    constexpr std::array<std::string_view, all_outcomes.size()> names{
        "exact_loop", "collapse", "drift", "ended_with_content", "ended_early", "refusal_or_prose", "still_open"};
    return names[static_cast<std::size_t>(what)];
}

/// Whether it is one of the three kinds of loop.
[[nodiscard]] constexpr bool is_loop(outcome what) noexcept {
    return what == outcome::exact_loop || what == outcome::collapse || what == outcome::drift;
}

/// An answer ends naturally or was cut; a run that a rule stopped or a user cancelled was cut.
[[nodiscard]] inline answer_end end_of(const record& answer) noexcept {
    return answer.ended_naturally() ? answer_end::natural : answer_end::cut;
}

/// A loop of an answer: which of the three outcomes, and where; for exact loops in tokens, else in items.
struct found_loop {
    outcome what = outcome::exact_loop;
    finding where;
};

/// Detectors and limits are the caller's; the defaults are those of the page docs/concepts/loop_detector.md.
template <loop_detector Exact = periodic_loop, text_loop_detector List = list_collapse,
          loop_detector AtCut = basic_periodic_loop<graded_evidence>>
struct outcome_rule {
    Exact exact{};
    List list{};
    AtCut at_cut{128, evidence_at_cut};
    std::size_t least_items = 3;

    /// The loop that decides the outcome, if one does.
    [[nodiscard]] std::optional<found_loop> loop_of(const record& answer) const {
        const answer_end end = end_of(answer);
        if (const auto found = find_loop(exact, answer.tokens)) return found_loop{outcome::exact_loop, *found};
        if (end == answer_end::cut)
            if (const auto found = find_loop_at_end(at_cut, answer.tokens))
                return found_loop{outcome::exact_loop, *found};
        if (const auto found = find_loop(list, answer.text, end))
            return found_loop{found->kind == loop_kind::counter_drift ? outcome::drift : outcome::collapse, *found};
        return std::nullopt;
    }

    /// `unedited_items`: distinct items of the unedited model's answer, when there is one to compare with.
    [[nodiscard]] outcome operator()(const record& answer, const answer_items& items, probe_class kind,
                                     std::optional<std::size_t> unedited_items = {}) const {
        const bool cut = end_of(answer) == answer_end::cut;
        if (const auto found = loop_of(answer)) return found->what;
        if (kind == probe_class::question)
            return cut                                 ? outcome::still_open
                   : items.total + items.sentences > 0 ? outcome::ended_with_content
                                                       : outcome::ended_early;
        return judge_list(items, cut, unedited_items.value_or(0));
    }

  private:
    [[nodiscard]] outcome judge_list(const answer_items& items, bool cut, std::size_t unedited_items) const noexcept {
        const std::size_t named = items.distinct.size();
        if (items.total < least_items && (cut || items.sentences > 0)) return outcome::refusal_or_prose;
        if (cut) return outcome::still_open;
        return named >= least_items && 2 * named >= unedited_items ? outcome::ended_with_content : outcome::ended_early;
    }
};

/// One answer by the library's own rule. O(tokens + characters).
[[nodiscard]] inline outcome classify(const record& answer, probe_class kind = probe_class::list,
                                      std::optional<std::size_t> unedited_items = {}) {
    return outcome_rule<>{}(answer, read_answer(answer.text, end_of(answer)), kind, unedited_items);
}

}  // namespace unloop::inline v0

#endif
