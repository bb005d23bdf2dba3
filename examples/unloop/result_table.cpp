// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The table of results as a person reads it.
#include "result_table.hpp"

#include <unloop/report/number_text.hpp>
#include <unloop/report/table.hpp>

namespace tool {

namespace {

using namespace unloop;

/// Without the leading zero: ".67", "1.00", "-.25".
std::string share_text(double value) {
    std::string text = fixed_text(value, 2);
    if (const std::size_t zero = text.find("0."); zero == (text.starts_with('-') ? 1 : 0)) text.erase(zero, 1);
    return text;
}

/// "3/20/1": topics where it got better, stayed and got worse.
std::string topics_text(const paired_difference& change, bool lower_is_better) {
    const std::size_t better = lower_is_better ? change.lowered : change.raised;
    const std::size_t worse = lower_is_better ? change.raised : change.lowered;
    return std::to_string(better) + "/" + std::to_string(change.topics - better - worse) + "/" + std::to_string(worse);
}

/// "-.25 [-.42, -.08]"
template <class Text>
std::string change_text(const paired_difference& change, const Text& text) {
    return text(change.mean) + " [" + text(change.bootstrap.low) + ", " + text(change.bootstrap.high) + "]";
}

template <class Value, class Text>
std::string optional_text(const std::optional<Value>& value, const Text& text) {
    return value ? text(*value) : "-";
}

}  // namespace

std::string rate_text(const rate& from) {
    const interval range = from.wilson();
    return share_text(from.value()) + " [" + share_text(range.low) + ", " + share_text(range.high) + "]";
}

std::string result_table(std::span<const measurement> arms) {
    using enum alignment;
    table rows({{""},
                {"loops"},
                {"exact/collapse/drift"},
                {"distinct", right},
                {"recall", right},
                {"ends well", right},
                {"ends early", right},
                {"open", right},
                {"tokens", right},
                {"KL", right},
                {"copying", right},
                {"refrain", right},
                {"short lists", right}});
    for (const measurement& arm : arms) {
        const auto share = [&](outcome what) { return share_text(arm.outcomes.share(what).value()); };
        const auto early =
            arm.outcomes.share(outcome::ended_early).value() + arm.outcomes.share(outcome::refusal_or_prose).value();
        const auto accuracy = [](const prediction_score& score) { return share_text(score.accuracy.mean); };
        rows.add({arm.name, rate_text(arm.outcomes.loops()),
                  share(outcome::exact_loop) + " " + share(outcome::collapse) + " " + share(outcome::drift),
                  fixed_text(arm.distinct_items.mean, 1),
                  optional_text(arm.recall, [](const average& a) { return share_text(a.mean); }),
                  share(outcome::ended_with_content), share_text(early), share(outcome::still_open),
                  fixed_text(arm.tokens.mean, 0),
                  optional_text(arm.healthy, [](const divergence& d) { return fixed_text(d.mean, 3); }),
                  optional_text(arm.copying, accuracy), optional_text(arm.repetition, accuracy),
                  optional_text(arm.short_recall, [](const average& a) { return share_text(a.mean); })});
    }
    return rows.text();
}

std::string paired_table(std::span<const measurement> arms) {
    using enum alignment;
    table rows({{"by topic"},
                {"loops fewer/same/more"},
                {"change"},
                {"p", right},
                {"distinct more/same/fewer"},
                {"change"},
                {"p", right}});
    for (const measurement& arm : arms) {
        if (!arm.changes) continue;
        const paired_difference &loops = arm.changes->loops, &items = arm.changes->items;
        rows.add({arm.name, topics_text(loops, true), change_text(loops, share_text),
                  fixed_text(loops.permutation_p, 3), topics_text(items, false),
                  change_text(items, [](double value) { return fixed_text(value, 1); }),
                  fixed_text(items.permutation_p, 3)});
    }
    return rows.empty() ? std::string() : rows.text();
}

std::string onset_table(std::span<const measurement> arms, std::size_t max_tokens) {
    using enum alignment;
    std::vector<table_column> columns{{"no loop up to token"}};
    for (std::size_t quarter = 1; quarter <= 4; ++quarter)
        columns.push_back({std::to_string(max_tokens * quarter / 4), right});
    columns.push_back({"half loop by", right});
    table rows(columns);
    for (const measurement& arm : arms) {
        if (!arm.onset) continue;
        std::vector<std::string> cells{arm.name};
        for (std::size_t quarter = 1; quarter <= 4; ++quarter)
            cells.push_back(share_text(arm.onset->share_at(max_tokens * quarter / 4)));
        cells.push_back(optional_text(arm.onset->median(), [](std::size_t tokens) { return std::to_string(tokens); }));
        rows.add(std::move(cells));
    }
    return rows.empty() ? std::string() : rows.text();
}

std::string known_table(std::span<const measurement> arms) {
    using enum alignment;
    table rows({{"known items"}, {"named", right}, {"left out by loops", right}});
    for (const measurement& arm : arms)
        if (arm.known_recall && arm.process_failures)
            rows.add({arm.name, share_text(arm.known_recall->mean), share_text(arm.process_failures->value())});
    return rows.empty() ? std::string() : rows.text();
}

}  // namespace tool
