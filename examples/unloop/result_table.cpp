// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The table of results as a person reads it.
#include "result_table.hpp"

#include <unloop/report/number_text.hpp>
#include <unloop/report/table.hpp>

namespace tool {

namespace {

using namespace unloop;

/// Without the leading zero: ".67", "1.00".
std::string share_text(double value) {
    const std::string text = fixed_text(value, 2);
    return text.starts_with("0.") ? text.substr(1) : text;
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
                {"refrain", right}});
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
                  optional_text(arm.copying, accuracy), optional_text(arm.repetition, accuracy)});
    }
    return rows.text();
}

}  // namespace tool
