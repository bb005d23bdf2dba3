// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Many plans in one batch: each prompt runs under its own, so that candidates share one reading of the weights.
#ifndef UNLOOP_EDIT_ROW_PLANS_HPP
#define UNLOOP_EDIT_ROW_PLANS_HPP

#include <unloop/blocks/tap.hpp>
#include <unloop/edit/edits_by_layer.hpp>

#include <algorithm>  // min
#include <cstddef>    // size_t
#include <map>        // plans that prompts share
#include <utility>    // move
#include <vector>     // rows

namespace unloop::inline v0 {

/// A tap for `generate_all`: prompt i runs under `*plan_of_prompt[i]`, null meaning unedited, whichever row it gets.
/// Plans are copied. Ids must be those of the model that runs (`check_plan`). A pass costs O(tokens) for each layer
/// that some plan edits, plus one multiplication an edit and token; other layers cost nothing.
class row_plans {
  public:
    explicit row_plans(std::vector<const plan*> plan_of_prompt) {
        std::map<const plan*, std::size_t> known{{nullptr, 0}};
        plans_.emplace_back();  // the first is the empty one
        for (const plan* const given : plan_of_prompt) {
            const auto [entry, is_new] = known.try_emplace(given, plans_.size());
            if (is_new) add(*given);
            plan_of_prompt_.push_back(entry->second);
        }
    }

    /// `row` takes up `prompt`; until its first prompt a row is unedited.
    void begin_row(std::size_t row, std::size_t prompt) {
        expects(prompt < plan_of_prompt_.size(), "row_plans: one entry a prompt, null for none");
        if (row >= plan_of_row_.size()) plan_of_row_.resize(row + 1);
        plan_of_row_[row] = plan_of_prompt_[prompt];
    }

    /// Prompts under one plan are treated alike, others as far as neither is edited (a `row_sharer`).
    [[nodiscard]] layer_range own_layers(std::size_t prompt, std::size_t other) const noexcept {
        const std::size_t a = plan_of_prompt_[prompt], b = plan_of_prompt_[other];
        return a == b ? no_layers : std::min(begins_[a], begins_[b]);
    }

    template <edited_site Site>
    void operator()(Site, const tap_place& place, matrix_view values) const noexcept {
        if (!all_.any<Site>(place.layer)) return;
        for (std::size_t t = 0; t < place.tokens.size(); ++t) {
            const auto row = static_cast<std::size_t>(place.tokens[t].row);
            if (row < plan_of_row_.size()) plans_[plan_of_row_[row]].apply<Site>(place, t, values);
        }
    }

  private:
    void add(const plan& given) {
        plans_.emplace_back(given);
        begins_.push_back(plans_.back().edited_layers());
        all_.add(given);
    }

    edits_by_layer all_;  // tells which layers some plan edits
    std::vector<edits_by_layer> plans_;
    std::vector<layer_range> begins_{no_layers};  // from where on each plan edits
    std::vector<std::size_t> plan_of_prompt_, plan_of_row_;
};

}  // namespace unloop::inline v0

#endif
