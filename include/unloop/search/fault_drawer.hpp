// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What is tried on a working model until it breaks: targets drawn by seed among the strongest of their kind.
#ifndef UNLOOP_SEARCH_FAULT_DRAWER_HPP
#define UNLOOP_SEARCH_FAULT_DRAWER_HPP

#include <unloop/attribute/target_scores.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/random.hpp>
#include <unloop/edit/plant.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/search/planting.hpp>

#include <algorithm>  // find, max, min
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <optional>   // no more to draw
#include <span>       // targets
#include <string>     // messages
#include <utility>    // move
#include <variant>    // get, visit
#include <vector>     // draws

namespace unloop::inline v0::detail {

/// The strongest targets of the kind in all layers; the screen looks at no loop and no label.
inline std::vector<target_id> strongest(const target_scores& strengths, const planting_options& options) {
    return std::visit(
        [&]<class Id>(target_kind<Id> kind) {
            const std::size_t all = strengths.count<Id>();
            if (all == 0) throw error("the model has no " + std::string(kind.name) + "s to plant a fault in");
            const auto share = static_cast<std::size_t>(options.screened_share * static_cast<double>(all));
            const std::vector<Id> best = strengths.best<Id>(std::max(options.least_screened, share));
            return std::vector<target_id>(best.begin(), best.end());
        },
        options.kind);
}

/// Targets that are tried together, and how.
struct drawn_fault {
    std::vector<target_id> targets;
    std::vector<std::int32_t> donors;  ///< of replaced neurons
    bool inverted = false;

    /// What is tried on them, mildest first.
    [[nodiscard]] std::vector<plan> faults(const planting_options& options) const {
        if (options.fault == fault_kind::replaced) return {copies(targets, donors)};
        if (options.fault == fault_kind::flipped) return {plant(targets, 0, true).fault};
        std::vector<plan> faults;
        for (int exponent = options.least_exponent; exponent <= options.most_exponent; ++exponent)
            faults.push_back(plant(targets, exponent, inverted).fault);
        return faults;
    }
};

/// A neuron for each of `targets` whose column can take the place of theirs in every format: one that lies in the same
/// aligned group of 32, which is no target itself.
inline std::vector<std::int32_t> draw_donors(std::span<const target_id> targets, const decoder_config& config,
                                             random_sequence& random) {
    constexpr std::int32_t group = 32;
    std::vector<std::int32_t> donors;
    for (const target_id& target : targets) {
        const auto& id = std::get<neuron_id>(target);
        const auto width = static_cast<std::int32_t>(config.layers[static_cast<std::size_t>(id.layer)].mlp_width);
        std::vector<std::int32_t> free;
        for (std::int32_t j = id.neuron / group * group; j < std::min(width, (id.neuron / group + 1) * group); ++j)
            if (std::find(targets.begin(), targets.end(), target_id(neuron_id{id.layer, j})) == targets.end())
                free.push_back(j);
        if (free.empty()) throw error(to_string(target) + ": there is no neuron beside it to take its column from");
        donors.push_back(free[random.below(free.size())]);
    }
    return donors;
}

/// Takes targets out of those that wait, at random; all that are left where there are fewer.
inline std::vector<target_id> draw_targets(std::vector<target_id>& waiting, std::size_t count,
                                           random_sequence& random) {
    std::vector<target_id> drawn;
    while (drawn.size() < count && !waiting.empty()) {
        const std::size_t place = random.below(waiting.size());
        drawn.push_back(waiting[place]);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(place));
    }
    return drawn;
}

/// Draws without replacement; of faults that may be inverted all targets once more, inverted, when none are left.
class fault_drawer {
  public:
    fault_drawer(const std::vector<target_id>& screened, const decoder_config& config, const planting_options& options)
        : screened_(screened),
          waiting_(screened),
          config_(config),
          options_(options),
          random_(options.seed),
          inverted_(options.fault == fault_kind::flipped) {
        if (screened.size() < options.culprits)
            throw error("of " + std::string(name_of(options.kind)) + "s only " + std::to_string(screened.size()) +
                        " are drawn from, fewer than the " + std::to_string(options.culprits) + " to be broken");
    }

    [[nodiscard]] std::optional<drawn_fault> next() {
        if (waiting_.size() < options_.culprits) {
            if (options_.fault != fault_kind::amplified || inverted_) return std::nullopt;
            inverted_ = true, waiting_ = screened_;
        }
        drawn_fault drawn{draw_targets(waiting_, options_.culprits, random_), {}, inverted_};
        if (options_.fault == fault_kind::replaced) drawn.donors = draw_donors(drawn.targets, config_, random_);
        return drawn;
    }
    /// So many, or those that are left.
    [[nodiscard]] std::vector<drawn_fault> next(std::size_t count) {
        std::vector<drawn_fault> group;
        while (group.size() < count) {
            std::optional<drawn_fault> drawn = next();
            if (!drawn) break;
            group.push_back(*std::move(drawn));
        }
        return group;
    }

  private:
    const std::vector<target_id>& screened_;
    std::vector<target_id> waiting_;
    const decoder_config& config_;
    const planting_options& options_;
    random_sequence random_;
    bool inverted_;
};

}  // namespace unloop::inline v0::detail

#endif
