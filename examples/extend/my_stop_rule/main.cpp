// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest stop rule of one's own, used as any other is, and checked with the laws of stop rules.
#include <unloop/generate.hpp>

#include <laws/stop_rule.hpp>

#include <algorithm>
#include <iostream>
#include <vector>

// [rule]
/// Ends an answer after so many lines.
struct line_limit {
    std::int64_t limit;
    std::int64_t lines = 0;

    std::optional<unloop::finding> observe(unloop::token_id /*token*/, std::string_view piece) {
        lines += std::count(piece.begin(), piece.end(), '\n');
        if (lines < limit) return std::nullopt;
        return unloop::finding{.copies = lines};
    }
};
static_assert(unloop::stop_rule<line_limit>);
// [/rule]

int main() {
    // [laws]
    const std::vector<laws::answer_step> two_lines{{7, "one\n"}, {8, "two"}, {9, "\n"}},
        one_line{{7, "one\n"}, {8, "two"}};
    const auto broken = laws::broken_stop_rule_laws(line_limit{2}, two_lines, one_line);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    line_limit rule{2};  // as generate(model, prompt, options, line_limit{2}) asks its copies
    for (const auto& step : two_lines)
        if (const auto stop = rule.observe(step.token, step.piece))
            std::cout << "stopped after " << stop->copies << " lines\n";
    return broken.empty() ? 0 : 1;
}
