// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Texts that are given to a model word for word, to see what an edit changes where nothing loops.
#ifndef UNLOOP_EVALUATE_REFERENCE_TEXT_HPP
#define UNLOOP_EVALUATE_REFERENCE_TEXT_HPP

#include <unloop/evaluate/probe_suite.hpp>

#include <string>       // texts
#include <string_view>  // kinds
#include <utility>      // move
#include <vector>       // suites

namespace unloop::inline v0 {

/// A complete, correct answer to `prompt`; or, without a prompt, a passage that stands alone.
struct reference_text {
    std::string name;
    std::string kind;  ///< "list", "prose", "code", "repetition", or the user's own
    data_role role = data_role::report;
    std::string prompt;  ///< chat message; empty: none
    std::string text;
};

struct text_suite {
    std::string name;
    std::vector<reference_text> texts;
};

/// The texts of one role, and of one kind unless `kind` is empty. O(texts).
[[nodiscard]] inline text_suite texts_of(const text_suite& suite, data_role role, std::string_view kind = {}) {
    text_suite part{suite.name, {}};
    for (const reference_text& text : suite.texts)
        if (text.role == role && (kind.empty() || text.kind == kind)) part.texts.push_back(text);
    return part;
}

}  // namespace unloop::inline v0

#endif
