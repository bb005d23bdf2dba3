// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A tap that keeps the activations of sites chosen by name, as named arrays.
#ifndef UNLOOP_GENERATE_ACTIVATION_RECORDER_HPP
#define UNLOOP_GENERATE_ACTIVATION_RECORDER_HPP

#include <unloop/blocks/sites.hpp>
#include <unloop/blocks/tap.hpp>
#include <unloop/core/error.hpp>

#include <charconv>     // from_chars
#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <span>         // names
#include <string>       // names
#include <string_view>  // names
#include <vector>       // values

namespace unloop::inline v0 {

/// What one site held, of one layer where it exists once a layer.
struct recorded_activation {
    std::string name;           ///< "mlp_neurons.3", "logits"
    std::size_t width = 0;      ///< 0 until something was recorded
    std::vector<float> values;  ///< [tokens, rows a token, width], in the order in which the passes brought the tokens
    std::vector<std::int32_t> choices;  ///< [tokens, width] instead: the chosen experts, most probable first
    std::size_t rows_a_token = 1;       ///< neurons of chosen experts have one for each

    [[nodiscard]] std::size_t tokens() const noexcept {
        return width == 0 ? 0 : (values.size() + choices.size()) / (rows_a_token * width);
    }
    /// Extents; a site with one row a token has two.
    [[nodiscard]] std::vector<std::uint64_t> shape() const {
        if (rows_a_token == 1) return {tokens(), width};
        return {tokens(), rows_a_token, width};
    }
};

namespace detail {

/// What can be recorded besides the sites: which experts were chosen, seen where their weights are.
struct expert_choices {
    static constexpr std::string_view name = "router_top_k_index";
    static constexpr bool every_layer = true;
};

template <class Visitor>
constexpr void for_each_recordable(Visitor&& visit) {
    sites::for_each_site(visit);
    visit(expert_choices{});
}

/// A site's number in the list of all that can be recorded.
template <class Site>
inline constexpr std::size_t recordable_number = sites::number<Site>;
template <>
inline constexpr std::size_t recordable_number<expert_choices> = sites::count;
inline constexpr std::size_t recordable_count = sites::count + 1;

}  // namespace detail

/// Listens to every site and copies the values of the chosen ones; "router_top_k_index" is which experts were chosen.
/// In a pack with a tap that rewrites values it records what it finds at its own place of the order. Memory: the values
/// recorded.
class activation_recorder {
  public:
    /// `chosen`: names of sites, "hidden" for all layers or "hidden.3" for one; `layers` of the model. Throws `error`
    /// listing the known names, or the layers, for a name that is neither.
    activation_recorder(std::span<const std::string> chosen, std::size_t layers) : layers_(layers) {
        places_.assign(detail::recordable_count * (layers + 1), absent);
        for (const std::string& name : chosen) choose(name);
    }

    template <class Site>
        requires requires { Site::every_layer; }
    void operator()(Site, const tap_place& place, matrix_view values) {
        const std::size_t layer = Site::every_layer ? static_cast<std::size_t>(place.layer) : 0;
        if (recorded_activation* const record = find<Site>(layer)) {
            record->width = values.columns();
            record->rows_a_token = std::same_as<Site, sites::expert_neurons> ? values.rows() / place.tokens.size() : 1;
            for (std::size_t row = 0; row < values.rows(); ++row)
                record->values.insert(record->values.end(), values[row].begin(), values[row].end());
        }
        if constexpr (std::same_as<Site, sites::expert_weights>)
            if (recorded_activation* const record = find<detail::expert_choices>(layer)) {
                record->width = values.columns();
                record->choices.insert(record->choices.end(), place.experts.begin(), place.experts.end());
            }
    }

    /// In the order in which they were chosen, layers ascending; a site chosen twice is there once.
    [[nodiscard]] std::span<const recorded_activation> recorded() const noexcept { return records_; }
    /// Whether a chosen site exists only for tokens that want logits.
    [[nodiscard]] bool needs_logits() const noexcept { return needs_logits_; }

  private:
    static constexpr std::size_t absent = static_cast<std::size_t>(-1);

    /// The record of a site that was chosen, else null.
    template <class Site>
    [[nodiscard]] recorded_activation* find(std::size_t layer) noexcept {
        const std::size_t index = places_[place_of(detail::recordable_number<Site>, layer)];
        return index == absent ? nullptr : &records_[index];
    }
    [[nodiscard]] std::size_t place_of(std::size_t site, std::size_t layer) const noexcept {
        return site * (layers_ + 1) + layer;
    }

    void choose(const std::string& name) {
        const std::string_view stem = std::string_view(name).substr(0, name.find('.'));
        bool known = false;
        detail::for_each_recordable([&]<class Site>(Site) {
            if (stem != Site::name) return;
            known = true;
            // The residual stream is also there after the last layer.
            const std::size_t count = !Site::every_layer                    ? 1
                                      : std::same_as<Site, sites::residual> ? layers_ + 1
                                                                            : layers_;
            if (!Site::every_layer) needs_logits_ = true;
            if (stem.size() < name.size())
                return add(name, place_of(detail::recordable_number<Site>, layer_in(name, Site::every_layer, count)));
            for (std::size_t layer = 0; layer < count; ++layer)
                add(Site::every_layer ? name + "." + std::to_string(layer) : name,
                    place_of(detail::recordable_number<Site>, layer));
        });
        if (!known) refuse(name);
    }
    void add(std::string name, std::size_t place) {
        if (places_[place] != absent) return;
        places_[place] = records_.size();
        records_.push_back({std::move(name), 0, {}, {}});
    }
    /// The layer of "NAME.LAYER".
    [[nodiscard]] static std::size_t layer_in(const std::string& name, bool every_layer, std::size_t count) {
        const std::size_t dot = name.find('.');
        if (!every_layer) throw error("the site '" + name.substr(0, dot) + "' has no layers; leave out the number");
        std::size_t layer = 0;
        const char* const end = name.data() + name.size();
        const auto [stopped, fault] = std::from_chars(name.data() + dot + 1, end, layer);
        if (fault != std::errc() || stopped != end || layer >= count)
            throw error("the site '" + name + "' does not exist; '" + name.substr(0, dot) + "' has the layers 0 to " +
                        std::to_string(count - 1));
        return layer;
    }
    [[noreturn]] static void refuse(const std::string& name) {
        std::string known;
        detail::for_each_recordable([&](auto site) {
            known += (known.empty() ? "" : ", ") + std::string(site.name) + (site.every_layer ? "[.LAYER]" : "");
        });
        throw error("'" + name + "' is no site; the sites are " + known);
    }

    std::size_t layers_;
    std::vector<std::size_t> places_;  // [site, layer]: index into records_, or absent
    std::vector<recorded_activation> records_;
    bool needs_logits_ = false;
};
static_assert(activation_tap<activation_recorder>);

}  // namespace unloop::inline v0

#endif
