// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Which items of a closed list a model knows when it is not asked for a list: what a loop hides, apart from what the
// model never had to say.
#ifndef UNLOOP_EVALUATE_KNOWN_ITEMS_HPP
#define UNLOOP_EVALUATE_KNOWN_ITEMS_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/core/random.hpp>
#include <unloop/evaluate/choice_scores.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // all_of, find_if, none_of
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <string>     // forms
#include <vector>     // items

namespace unloop::inline v0 {

struct known_item_options {
    /// What is asked; {} stands for one of the list, with its article ("a state of the United States").
    std::vector<std::string> forms{"Name {}.", "What is an example of {}?", "Tell me {} that you know."};
    std::size_t needed = 2;       ///< forms in which the item must be preferred
    std::size_t distractors = 4;  ///< to each of which it must be preferred, drawn anew for each item
    std::uint64_t seed = 0;
    std::size_t threads = 1;
    bool is_chat = true;  ///< false: questions are texts to be continued
};

namespace detail {

/// The spelling that is asked about: the first of its alternatives.
[[nodiscard]] inline std::string first_spelling(const std::string& item) { return item.substr(0, item.find('|')); }

/// `count` different numbers below `size`, drawn by (seed, item).
[[nodiscard]] inline std::vector<std::size_t> draw_distractors(std::size_t size, std::size_t count, std::uint64_t seed,
                                                               std::size_t item) {
    random_sequence random(seed, item);
    std::vector<std::size_t> left(size), drawn;
    for (std::size_t i = 0; i < size; ++i) left[i] = i;
    while (drawn.size() < count) {
        const std::size_t k = random.below(left.size());
        drawn.push_back(left[k]);
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(k));
    }
    return drawn;
}

/// From scores[form][candidate], items first, then distractors: which items are known.
[[nodiscard]] inline std::vector<bool> judge_items(const std::vector<std::vector<double>>& scores, std::size_t items,
                                                   const known_item_options& options) {
    std::vector<bool> known(items);
    for (std::size_t i = 0; i < items; ++i) {
        std::size_t preferred = 0;
        for (const std::vector<double>& form : scores) {
            const auto rivals = draw_distractors(form.size() - items, options.distractors, options.seed, i);
            preferred += std::all_of(rivals.begin(), rivals.end(),
                                     [&](std::size_t rival) { return form[i] > form[items + rival]; })
                             ? 1
                             : 0;
        }
        known[i] = preferred >= options.needed;
    }
    return known;
}

}  // namespace detail

/// By item of `list`: whether the model, asked for one of the list, finds the item more probable (mean log-probability
/// of its tokens, of its first spelling) than each of `distractors` of its type, in `needed` of the forms. A lenient
/// test: it says that the model tells the item from its like, and not that it would name it. Use the unedited model.
/// Throws `error` when the list has too few distractors, or the tokenizer or chat template is missing. Cost: forms x
/// (the question + the tokens of all items and distractors).
template <class Model>
[[nodiscard]] std::vector<bool> known_items(const Model& model, const closed_list& list, thread_pool& pool,
                                            const known_item_options& options = {}) {
    expects(options.needed > 0 && options.needed <= options.forms.size(), "known_items: forms enough");
    if (list.distractors.size() < options.distractors)
        throw error("the list of '" + list.topic + "' has " + std::to_string(list.distractors.size()) +
                    " distractors, and " + std::to_string(options.distractors) + " are asked for");
    std::vector<std::vector<token_id>> candidates;
    const auto add = [&](const std::string& text) {
        candidates.push_back(model.tokenizer().encode(text, {.parse_special = false, .add_special = false}));
    };
    for (const std::string& item : list.items) add(detail::first_spelling(item));
    for (const std::string& distractor : list.distractors) add(distractor);
    std::vector<std::vector<double>> scores;
    for (std::string question : options.forms) {
        const std::size_t place = question.find("{}");
        expects(place != std::string::npos, "known_items: every form has {} for one of the list");
        question.replace(place, 2, list.one);
        const any_prompt prompt = options.is_chat ? any_prompt(chat{question}) : any_prompt(text_prompt{question});
        scores.push_back(choice_scores(model, encode_prompt(model, prompt), candidates, pool));
    }
    return detail::judge_items(scores, list.items.size(), options);
}

/// Fills in `probe::known` of every probe whose gold is the closed list that the suite has of its topic; the others,
/// those with gold of their own too, stay as they are.
/// Throws `error` as `known_items` does, and when the progress sink says stop.
template <class Model, class Progress = no_progress>
void mark_known(const Model& model, probe_suite& suite, const known_item_options& options = {},
                Progress&& progress = {}) {
    require_progress_sink<Progress>();
    thread_pool pool(options.threads);
    const auto asks_for = [](const probe& asked, const closed_list& list) {
        return asked.topic == list.topic && asked.gold == list.items;
    };
    for (std::size_t n = 0; n < suite.lists.size(); ++n) {
        const closed_list& list = suite.lists[n];
        if (!progress(progress_event{"known items", static_cast<std::int64_t>(n),
                                     static_cast<std::int64_t>(suite.lists.size())}))
            throw error("asking for known items was cancelled");
        if (std::none_of(suite.probes.begin(), suite.probes.end(),
                         [&](const probe& asked) { return asks_for(asked, list); }))
            continue;
        const std::vector<bool> known = known_items(model, list, pool, options);
        for (probe& asked : suite.probes)
            if (asks_for(asked, list)) asked.known = known;
    }
}

}  // namespace unloop::inline v0

#endif
