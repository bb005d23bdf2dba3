// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan sorted for taps: the edits of a layer are found at once, and layers without edits cost nothing.
#ifndef UNLOOP_EDIT_EDITS_BY_LAYER_HPP
#define UNLOOP_EDIT_EDITS_BY_LAYER_HPP

#include <unloop/blocks/target_site.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/model/layer_range.hpp>

#include <algorithm>    // max, min
#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <tuple>        // lists of each kind
#include <type_traits>  // type_identity
#include <utility>      // declval
#include <vector>       // edits

namespace unloop::inline v0 {

namespace detail {

/// [layer][edit], for everything that can be done at a site, in the order in which it is done there: copies behind
/// scalings, as a column of `down` stands behind a row of `up`.
template <class... Id>
auto lists_by_layer(std::type_identity<std::variant<Id...>>)
    -> std::tuple<std::vector<std::vector<scaled_target<Id>>>..., std::vector<std::vector<copied_neuron>>,
                  std::vector<std::vector<masked_expert>>>;

using activation_edits = decltype(lists_by_layer(std::type_identity<target_id>{}));

template <class Site, class... List>
constexpr bool is_site_of(std::type_identity<std::tuple<List...>>) {
    return (std::same_as<Site, typename List::value_type::value_type::site> || ...);
}

/// Whether a pass reaches the site when the attention of the layer has joined the stream.
template <class Site>
[[nodiscard]] constexpr bool is_behind_attention() noexcept {
    bool is_behind = false, found = false;
    sites::for_each_site([&]<class Other>(Other) {
        found = found || (is_behind && std::same_as<Site, Other>);
        is_behind = is_behind || std::same_as<Other, sites::attention_output>;
    });
    return found;
}

}  // namespace detail

/// A site at which plans edit.
template <class Site>
concept edited_site = detail::is_site_of<Site>(std::type_identity<detail::activation_edits>{});

/// The edits of plans by layer, in the order given within each kind. O(edits + layers) to make.
class edits_by_layer {
  public:
    edits_by_layer() = default;
    explicit edits_by_layer(const plan& edits) { add(edits); }

    void add(const plan& edits) {
        for (const target_edit& edit : edits.edits) std::visit([&](const auto& id) { add(id, edit); }, edit.target);
    }

    /// Whether `apply` can change anything. O(1).
    template <edited_site Site>
    [[nodiscard]] bool any(std::int32_t layer) const noexcept {
        bool found = false;
        for_each_list<Site>([&](const auto& list) { found = found || has(list, layer); });
        return found;
    }
    /// The layers in which the model is another: from the attention or the feed-forward part of the lowest edited layer
    /// on.
    [[nodiscard]] layer_range edited_layers() const noexcept {
        layer_range lowest = no_layers;
        std::apply([&](const auto&... lists) { (begin_at(lists, lowest), ...); }, lists_);
        return lowest;
    }
    /// Edits token `t` of a call of the site.
    template <edited_site Site>
    void apply(const tap_place& place, std::size_t t, matrix_view values) const noexcept {
        for_each_list<Site>([&](const auto& list) {
            if (!has(list, place.layer)) return;
            for (const auto& edit : list[static_cast<std::size_t>(place.layer)]) edit(place, t, values);
        });
    }

  private:
    template <class Id>
    void add(const Id& id, const target_edit& edit) {
        for (const auto& field : target_kind<Id>::fields)
            expects(id.*field.number >= 0, "plan: ids count from 0; see check_plan");
        if constexpr (std::same_as<Id, expert_id>)
            if (edit.kind == edit_kind::mask) return append(masked_expert{id});
        if constexpr (std::same_as<Id, neuron_id>)
            if (edit.kind == edit_kind::copy) return append(copied_neuron{id, edit.from});
        expects(edit.kind == edit_kind::scale,
                "plan: only experts can be masked, only neurons can be copied to; see check_plan");
        append(scaled_target<Id>{id, edit.factor});
    }
    template <class Edit>
    void append(const Edit& edit) {
        auto& list = std::get<std::vector<std::vector<Edit>>>(lists_);
        const auto layer = static_cast<std::size_t>(edit.target.layer);
        list.resize(std::max(list.size(), layer + 1));
        list[layer].push_back(edit);
    }
    template <class List>
    [[nodiscard]] static bool has(const List& list, std::int32_t layer) noexcept {
        const auto i = static_cast<std::size_t>(layer);
        return i < list.size() && !list[i].empty();
    }
    template <class Edit>
    static void begin_at(const std::vector<std::vector<Edit>>& list, layer_range& lowest) noexcept {
        for (std::size_t layer = 0; layer < list.size(); ++layer)
            if (!list[layer].empty())
                lowest = std::min(lowest, layer_range{layer, detail::is_behind_attention<typename Edit::site>()});
    }
    template <class Site, class Visitor>
    void for_each_list(const Visitor& visit) const {
        std::apply(
            [&]<class... List>(const List&... lists) {
                const auto visit_one = [&]<class One>(const One& list) {
                    if constexpr (std::same_as<Site, typename One::value_type::value_type::site>) visit(list);
                };
                (visit_one(lists), ...);
            },
            lists_);
    }

    detail::activation_edits lists_;
};

}  // namespace unloop::inline v0

#endif
