// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The log of plans that were tested on questions kept for the report: each one counts in every later correction.
#ifndef UNLOOP_REPORT_OPENINGS_JSON_HPP
#define UNLOOP_REPORT_OPENINGS_JSON_HPP

#include <unloop/evaluate/holm.hpp>
#include <unloop/evaluate/topic_changes.hpp>
#include <unloop/report/journal_json.hpp>

#include <algorithm>  // find, max
#include <cstddef>    // size_t
#include <optional>   // topics without a closed list
#include <string>     // names
#include <utility>    // move
#include <vector>     // p values

namespace unloop::inline v0 {

/// The p values of an opening, by sign flips of topics: fewer loops, and (where topics have closed lists) more gold
/// items. A cure needs both, so that the larger one is what is corrected.
struct opening_test {
    double loops = 1;
    std::optional<double> gold_items;
    [[nodiscard]] double p() const noexcept { return std::max(loops, gold_items.value_or(0)); }
};

/// A change the wrong way is no evidence of a cure, however sure it is: its p is 1.
[[nodiscard]] inline opening_test test_of(const topic_changes& changes) {
    opening_test test{changes.loops.mean < 0 ? changes.loops.permutation_p : 1, std::nullopt};
    if (const auto& gold = changes.gold_items) test.gold_items = gold->mean > 0 ? gold->permutation_p : 1;
    return test;
}

/// A test's p value after Holm's correction over all openings of the log.
struct corrected_opening {
    std::size_t openings = 0;  ///< plans ever opened, this one included
    double p = 1;
    double corrected_p = 1;
};

/// A JSON line an opening: {"opening": what was tested, as the caller tells it, "loops_p", "gold_items_p", "p"}. The
/// same opening with the same result, a repeated run, is not written again.
class openings_log {
  public:
    /// Throws `error` as `json_journal` does, and when a line has no p.
    explicit openings_log(std::string path) : journal_(std::move(path)) {
        for (std::size_t i = 0; i < journal_.lines().size(); ++i) {
            const auto* const object = journal_.lines()[i].if_object();
            const auto* const p = object == nullptr ? nullptr : object->if_contains("p");
            if (p == nullptr || !p->is_number())
                throw error(file_place{journal_.path() + " line " + std::to_string(i + 1), "p", {}},
                            "must be a number");
            p_.push_back(p->to_number<double>());
            texts_.push_back(json_line(journal_.lines()[i]));
        }
    }

    corrected_opening add(boost::json::object what, const opening_test& test) {
        boost::json::object line{{"opening", std::move(what)}, {"loops_p", test.loops}, {"gold_items_p", nullptr}};
        if (test.gold_items) line["gold_items_p"] = *test.gold_items;
        line["p"] = test.p();
        // Numbers lose a bit when they are read: what is compared has been read once, as the lines of a file have.
        std::string text = json_line(parse_json(json_line(line), file_place{journal_.path(), {}, {}}));
        const auto place = static_cast<std::size_t>(std::find(texts_.begin(), texts_.end(), text) - texts_.begin());
        if (place == texts_.size()) {
            journal_.append(std::move(line));
            texts_.push_back(std::move(text));
            p_.push_back(test.p());
        }
        return {p_.size(), p_[place], holm(p_)[place]};
    }

  private:
    json_journal journal_;
    std::vector<std::string> texts_;  ///< the lines as they are when they have been read
    std::vector<double> p_;
};

}  // namespace unloop::inline v0

#endif
