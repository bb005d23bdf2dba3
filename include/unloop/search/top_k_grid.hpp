// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A search strategy: the best k targets of an attribution together, under every factor of a grid.
#ifndef UNLOOP_SEARCH_TOP_K_GRID_HPP
#define UNLOOP_SEARCH_TOP_K_GRID_HPP

#include <unloop/core/error.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/search/search_strategy.hpp>

#include <algorithm>    // find_if
#include <cstddef>      // size_t
#include <string>       // names
#include <string_view>  // name
#include <vector>       // plans

namespace unloop::inline v0 {

/// One round: for each k and each kind of target that the model has, the k best of `method` under each factor; few
/// targets first. Scores of single targets say nothing of targets that act together, so this is what the other
/// strategies are to be compared with.
struct top_k_grid {
    static constexpr std::string_view name = "top_k";
    std::string method;  ///< of `localization::methods`, or an error; empty: the first that is no baseline
    std::vector<std::size_t> counts{1, 2, 4, 8};
    std::vector<float> factors{0.0F, -1.0F, 0.5F, 2.0F};

    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) const {
        std::vector<plan> plans;
        const method_scores* const scores = ranking(found);
        if (state.round > 0 || scores == nullptr) return plans;
        for (const std::size_t count : counts)
            for (const float factor : factors)
                for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
                    if (!found.kinds.contains(kind)) return;
                    plan proposed = scale(scores->scores.template best<Id>(count), factor);
                    proposed.note =
                        "best " + std::to_string(count) + " " + std::string(kind.name) + "s by " + scores->name;
                    if (proposed.size() == count) detail::add_new(plans, state, std::move(proposed));
                });
        return plans;
    }

  private:
    [[nodiscard]] const method_scores* ranking(const localization& found) const {
        const auto first = std::find_if(found.methods.begin(), found.methods.end(),
                                        [](const method_scores& one) { return !one.is_baseline; });
        if (method.empty()) return first == found.methods.end() ? nullptr : &*first;
        const method_scores* const named = found.method_named(method);
        if (named == nullptr && !found.methods.empty())
            throw error("top_k: the localisation has no scores by " + method +
                        " (localize_options::method asks for them)");
        return named;
    }
};
static_assert(search_strategy<top_k_grid>);

}  // namespace unloop::inline v0

#endif
