// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The library's search strategies by name, for programs that are told at run time which one to use.
#ifndef UNLOOP_SEARCH_ANY_STRATEGY_HPP
#define UNLOOP_SEARCH_ANY_STRATEGY_HPP

#include <unloop/core/named_choice.hpp>
#include <unloop/search/backward_pruning.hpp>
#include <unloop/search/coordinate_search.hpp>
#include <unloop/search/evolution_strategy.hpp>
#include <unloop/search/greedy_combinations.hpp>
#include <unloop/search/learned_gains.hpp>
#include <unloop/search/ranked_pruning.hpp>
#include <unloop/search/successive_halving.hpp>
#include <unloop/search/top_k_grid.hpp>

#include <array>        // names
#include <cstddef>      // size_t
#include <string>       // names
#include <string_view>  // names
#include <utility>      // move
#include <variant>      // one of them
#include <vector>       // plans

namespace unloop::inline v0 {

/// One of `Strategies`, each of which has a `name`. A strategy itself.
template <class... Strategies>
class strategy_variant {
  public:
    template <class Strategy>
    explicit(false) strategy_variant(Strategy chosen) : chosen_(std::move(chosen)) {}

    /// With its default settings. Throws `error` telling the names when there is none of this name.
    [[nodiscard]] static strategy_variant named(std::string_view name) {
        return choice_named<strategy_variant, Strategies...>(name, "no strategy");
    }
    /// "greedy, top_k, ...".
    [[nodiscard]] static std::string names() {
        return joined_names(std::array<std::string_view, sizeof...(Strategies)>{Strategies::name...});
    }

    [[nodiscard]] std::string_view name() const {
        return std::visit([]<class Strategy>(const Strategy& /*chosen*/) { return Strategy::name; }, chosen_);
    }
    [[nodiscard]] std::vector<plan> propose(const localization& found, const search_state& state) {
        return std::visit([&](auto& chosen) { return chosen.propose(found, state); }, chosen_);
    }
    [[nodiscard]] std::size_t probes_for(const search_state& state) const {
        return std::visit([&](const auto& chosen) { return probes_of_round(chosen, state); }, chosen_);
    }
    /// To change its settings: `visit([](auto& strategy) {...})`.
    template <class Visitor>
    decltype(auto) visit(Visitor&& visitor) {
        return std::visit(visitor, chosen_);
    }

  private:
    std::variant<Strategies...> chosen_;
};

using any_strategy = strategy_variant<greedy_combinations, top_k_grid, backward_pruning, ranked_pruning,
                                      coordinate_search, successive_halving, evolution_strategy, learned_gains>;
static_assert(search_strategy<any_strategy> && probe_chooser<any_strategy>);

}  // namespace unloop::inline v0

#endif
