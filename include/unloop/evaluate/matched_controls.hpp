// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Controls of a plan: the same layers, kinds and factors on other targets that are as strong, drawn by chance.
#ifndef UNLOOP_EVALUATE_MATCHED_CONTROLS_HPP
#define UNLOOP_EVALUATE_MATCHED_CONTROLS_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/model/targets.hpp>

#include <algorithm>  // min, none_of, stable_sort
#include <cstddef>    // size_t, ptrdiff_t
#include <cstdint>    // int32_t
#include <map>        // stand-ins
#include <numeric>    // iota
#include <set>        // edited places
#include <span>       // strengths of a layer
#include <string>     // notes
#include <utility>    // pair
#include <variant>    // visit
#include <vector>     // plans

namespace unloop::inline v0 {

struct control_options {
    std::size_t draws = 4;
    std::size_t nearest = 16;  ///< each stand-in is drawn from this many nearest in rank
    std::uint64_t seed = 0;
};

namespace detail {

/// Targets of one kind and layer that may stand in for edited ones, by strength; all are told by their place.
class stand_ins {
  public:
    stand_ins(std::span<const double> strengths, const std::set<std::size_t>& edited) : rank_(strengths.size()) {
        std::vector<std::size_t> order(strengths.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return strengths[a] > strengths[b]; });
        for (std::size_t r = 0; r < order.size(); ++r) rank_[order[r]] = r;
        for (const std::size_t place : order)
            if (!edited.contains(place)) free_.push_back(place);
    }

    /// Takes away and returns one of the `nearest` free places by distance in rank. There is a free one.
    std::size_t take(std::size_t edited, std::size_t nearest, random_sequence& random) {
        const auto distance = [&](std::size_t k) {
            const std::size_t rank = rank_[free_[k]];
            return rank > rank_[edited] ? rank - rank_[edited] : rank_[edited] - rank;
        };
        std::vector<std::size_t> by_distance(free_.size());
        std::iota(by_distance.begin(), by_distance.end(), std::size_t{0});
        std::stable_sort(by_distance.begin(), by_distance.end(),
                         [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
        const std::size_t chosen = by_distance[random.below(std::min(nearest, by_distance.size()))];
        const std::size_t place = free_[chosen];
        free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(chosen));
        return place;
    }
    [[nodiscard]] bool empty() const noexcept { return free_.empty(); }

  private:
    std::vector<std::size_t> rank_;  // by place; 0 is the strongest
    std::vector<std::size_t> free_;  // strongest first
};

/// One control: chooses a stand-in of the same kind and layer for each edited target, and the same for the same.
class control_draw {
  public:
    control_draw(const plan& edited, const target_scores& strengths, std::size_t nearest, random_sequence random)
        : strengths_(strengths), nearest_(nearest), random_(random) {
        for (const target_edit& edit : edited.edits)
            std::visit([&](const auto& id) { edited_[key_of(id)].insert(place(id)); }, edit.target);
    }

    [[nodiscard]] target_id stand_in_for(const target_id& target) {
        if (const auto known = chosen_.find(target); known != chosen_.end()) return known->second;
        return chosen_[target] = std::visit([&](const auto& id) { return target_id(draw(id)); }, target);
    }

  private:
    using key = std::pair<std::size_t, std::int32_t>;  // kind, layer

    template <class Id>
    [[nodiscard]] static key key_of(const Id& id) {
        return {target_id(id).index(), id.layer};
    }
    template <class Id>
    [[nodiscard]] std::size_t place(const Id& id) const {
        const auto layer = static_cast<std::size_t>(id.layer);
        const bool is_known = layer < strengths_.layers() && place_of(id, strengths_.dimensions(layer)) <
                                                                 count_targets<Id>(strengths_.dimensions(layer));
        expects(is_known, "matched_controls: strengths of the model that the plan is for");
        return place_of(id, strengths_.dimensions(layer));
    }
    template <class Id>
    [[nodiscard]] Id draw(const Id& id) {
        const auto layer = static_cast<std::size_t>(id.layer);
        stand_ins& free = free_.try_emplace(key_of(id), strengths_.of<Id>(layer), edited_[key_of(id)]).first->second;
        if (free.empty())
            throw error("layer " + std::to_string(layer) + " has too few " + std::string(target_kind<Id>::name) +
                        "s beside the edited ones for a control");
        return target_at<Id>(layer, free.take(place(id), nearest_, random_), strengths_.dimensions(layer));
    }

    const target_scores& strengths_;
    std::size_t nearest_;
    random_sequence random_;
    std::map<key, std::set<std::size_t>> edited_;
    std::map<key, stand_ins> free_;
    std::map<target_id, target_id> chosen_;
};

[[nodiscard]] inline plan draw_control(const plan& edited, const target_scores& strengths, std::size_t nearest,
                                       random_sequence random) {
    control_draw draw(edited, strengths, nearest, random);
    plan control;
    for (target_edit edit : edited.edits) {
        edit.target = draw.stand_in_for(edit.target);
        control.edits.push_back(edit);
    }
    return control;
}

}  // namespace detail

/// `draws` plans like `edited`, edit by edit: same layer, same kind, same factor, another target, drawn from the
/// `nearest` in rank of strength among those that the plan does not edit and this control has not taken. A control that
/// equals an earlier one is drawn again, a bounded number of times. The seed decides everything. What the edit does and
/// its controls do not is owed to the choice of targets, and not to the size of the change. Throws `error` when a layer
/// has too few targets left. O(draws x edits x width log width).
[[nodiscard]] inline std::vector<plan> matched_controls(const plan& edited, const target_scores& strengths,
                                                        const control_options& options = {}) {
    expects(options.nearest > 0, "matched_controls: at least one target to draw from");
    constexpr std::size_t most_attempts = 64;
    std::vector<plan> controls;
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
        plan control;
        const auto is_new = [&] {
            return std::none_of(controls.begin(), controls.end(),
                                [&](const plan& earlier) { return earlier.edits == control.edits; });
        };
        for (std::size_t attempt = 0; attempt == 0 || (attempt < most_attempts && !is_new()); ++attempt)
            control = detail::draw_control(edited, strengths, options.nearest,
                                           random_sequence(options.seed, draw + attempt * options.draws));
        controls.push_back(std::move(control));
        controls.back().note = "control " + std::to_string(draw + 1) + " of " + std::to_string(options.draws) +
                               ", matched by strength, seed " + std::to_string(options.seed);
    }
    return controls;
}

}  // namespace unloop::inline v0

#endif
