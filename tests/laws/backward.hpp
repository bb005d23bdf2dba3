// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of a layer's backward pass as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_BACKWARD_HPP
#define UNLOOP_LAWS_BACKWARD_HPP

#include <unloop/blocks/language_head.hpp>
#include <unloop/blocks/rms_norm.hpp>
#include <unloop/blocks/token_embedding.hpp>
#include <unloop/core/random.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/model/decoder.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <laws/random_parameters.hpp>

#include <algorithm>  // find, max
#include <array>      // gradients by site
#include <cmath>      // abs
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <limits>     // infinity
#include <map>        // choices by layer
#include <span>       // tokens
#include <string>     // names of broken laws
#include <utility>    // exchange
#include <vector>     // values

namespace laws {

/// What a layer is tried with.
struct backward_claims {
    std::size_t length = 9;          ///< tokens of each of two rows
    std::size_t tried = 6;           ///< values a site and layer whose gradient is compared
    double tolerance = 2e-3;         ///< of the largest gradient at the site, or of the matrix
    bool shares_key_values = false;  ///< the second layer reads keys and values of the first
};

namespace detail {

/// Keeps the gradients at every site and layer.
struct gradient_keeper {
    struct kept {
        std::size_t columns = 0;
        std::vector<float> values;
    };
    std::array<std::map<std::int32_t, kept>, unloop::sites::count> by_site;

    template <class Site>
    void operator()(Site, const unloop::tap_place& place, unloop::const_matrix_view /*values*/,
                    unloop::matrix_view gradients) {
        kept& to = by_site[unloop::sites::number<Site>][place.layer];
        to.columns = gradients.columns(), to.values.clear();
        for (std::size_t t = 0; t < gradients.rows(); ++t)
            to.values.insert(to.values.end(), gradients[t].begin(), gradients[t].end());
    }
};

/// Sums up the gradients of matrices that layers, head and inputs of layers tell of.
struct weights_keeper {
    struct kept {
        std::size_t columns = 0;
        std::vector<double> values;
    };
    std::map<unloop::parameter_name, kept> by_name;

    void operator()(const unloop::parameter_name& name, unloop::const_matrix_view inputs,
                    unloop::const_matrix_view gradients) {
        kept& to = by_name[name];
        to.columns = inputs.columns(), to.values.resize(gradients.columns() * inputs.columns());
        for (std::size_t t = 0; t < inputs.rows(); ++t)
            for (std::size_t i = 0; i < gradients.columns(); ++i)
                for (std::size_t j = 0; j < inputs.columns(); ++j)
                    to.values[i * to.columns + j] +=
                        static_cast<double>(gradients[t][i]) * static_cast<double>(inputs[t][j]);
    }
};

/// Keeps which experts were chosen, or lets no others be chosen.
struct fixed_choice {
    std::map<std::int32_t, std::vector<std::int32_t>> chosen;
    bool fixes = false;

    void operator()(unloop::sites::router_logits, const unloop::tap_place& place, unloop::matrix_view values) {
        if (!fixes) return;
        const std::vector<std::int32_t>& of = chosen[place.layer];
        const std::size_t used = of.size() / values.rows();
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t e = 0; e < values.columns(); ++e) {
                const auto first = of.begin() + static_cast<std::ptrdiff_t>(t * used);
                const auto last = first + static_cast<std::ptrdiff_t>(used);
                if (std::find(first, last, static_cast<std::int32_t>(e)) == last)
                    values[t][e] = -std::numeric_limits<float>::infinity();
            }
    }
    void operator()(unloop::sites::expert_weights, const unloop::tap_place& place, unloop::matrix_view /*values*/) {
        if (!fixes) chosen[place.layer].assign(place.experts.begin(), place.experts.end());
    }
};

/// Adds to one value at one site; one type for all sites, so that a model is compiled once.
struct shift {
    std::size_t site;
    std::int32_t layer;
    std::size_t index;
    float by;
    template <class Site>
    void operator()(Site, const unloop::tap_place& place, unloop::matrix_view values) const {
        if (unloop::sites::number<Site> == site && place.layer == layer)
            values[index / values.columns()][index % values.columns()] += by;
    }
};

template <class Layer, class Embedding>
class backward_judge {
  public:
    backward_judge(const unloop::layer_traits& traits, const backward_claims& claims)
        : claims_(claims), decoder_(config(traits, claims), {}) {
        decoder_.for_each_parameter(weights_);
        unloop::random_sequence random(5, 5);
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t t = 0; t < claims.length; ++t)
                tokens_.push_back({static_cast<std::int32_t>(random.below(vocabulary)), static_cast<std::int32_t>(row),
                                   static_cast<std::int32_t>(t), true});
        for (std::size_t i = 0; i < tokens_.size() * vocabulary; ++i)
            factors_.push_back(static_cast<float>(2 * random.uniform() - 1));
        shift nothing{unloop::sites::count, 0, 0, 0};
        value(nothing);
        choice_.fixes = true;
    }

    std::vector<std::string> broken() {
        unloop::serial alone;
        const gradient_keeper together = gradients(tokens_, alone);
        unloop::sites::for_each_site([&]<class Site>(Site site) { slopes(site, together); });
        slopes_of_weights();
        const auto same = [](const gradient_keeper& a, const gradient_keeper& b) {
            for (std::size_t site = 0; site < a.by_site.size(); ++site)
                for (const auto& [layer, kept] : a.by_site[site])
                    if (kept.values != b.by_site[site].at(layer).values) return false;
            return true;
        };
        expect(same(together, gradients(tokens_, alone, unloop::kept_activations::every_site)),
               "what is kept of the forward pass does not show in a gradient");
        for (const std::size_t threads : {2U, 5U}) {
            unloop::thread_pool pool(threads);
            expect(same(together, gradients(tokens_, pool)), "the number of threads does not show in a gradient");
        }
        const gradient_keeper first = gradients(std::span(tokens_).first(claims_.length), alone);
        for (std::size_t site = 0; site < first.by_site.size(); ++site)
            for (const auto& [layer, kept] : first.by_site[site])
                expect(
                    std::equal(kept.values.begin(), kept.values.end(), together.by_site[site].at(layer).values.begin()),
                    "the other rows of a batch do not show in a row's gradients");
        return broken_;
    }

  private:
    static constexpr std::size_t rows = 2, vocabulary = 11;
    using decoder_type = unloop::decoder<unloop::reference, Embedding, Layer, unloop::rms_norm, unloop::language_head>;

    static unloop::decoder_config config(const unloop::layer_traits& traits, const backward_claims& claims) {
        unloop::decoder_config made;
        made.hidden = traits.hidden, made.vocabulary = vocabulary, made.norm_epsilon = 1e-3F, made.logit_cap = 3.0F;
        made.layer_input = traits.layer_input, made.tied_head = false;
        made.layers = {traits, traits};
        for (std::size_t i = 0; i < 2; ++i)
            made.layers[i].layer = i, made.layers[i].key_value_layer = claims.shares_key_values ? 0 : i,
            made.layers[i].rotary_table = 0;
        made.rotary_tables = {{traits.head_size, 100.0F, 1.0F, traits.head_size / 2}};
        return made;
    }

    void expect(bool holds, const std::string& law) {
        if (!holds && std::find(broken_.begin(), broken_.end(), law) == broken_.end()) broken_.push_back(law);
    }

    /// The function that is differentiated: a weighted sum of all logits.
    double value(shift& move) {
        unloop::serial alone;
        unloop::tap_pack both(choice_, move);
        unloop::decoder_state state(decoder_.config(), {rows, claims_.length, tokens_.size(), tokens_.size()});
        const unloop::matrix_view logits = decoder_.forward(state, tokens_, alone, both);
        double sum = 0;
        for (std::size_t i = 0; i < factors_.size(); ++i)
            sum += static_cast<double>(factors_[i]) * static_cast<double>(logits.data()[i]);
        return sum;
    }
    template <class Keeper = gradient_keeper, class Executor>
    Keeper gradients(std::span<const unloop::batch_token> tokens, Executor& executor,
                     unloop::kept_activations kept = unloop::kept_activations::residual) {
        const unloop::state_size size{rows, claims_.length, tokens.size(), tokens.size()};
        unloop::decoder_state state(decoder_.config(), size);
        unloop::backward_state memory(decoder_.config(), size, kept);
        Keeper keeper;
        unloop::no_tap none;
        const auto seed = [&](unloop::const_matrix_view logits, unloop::matrix_view gradient) {
            std::copy_n(factors_.begin(), logits.rows() * logits.columns(), gradient.data());
        };
        unloop::backward(decoder_, state, memory, tokens, seed, keeper, executor, none);
        return keeper;
    }

    /// Gradients at one site against central differences of fourth order, of a few values of every layer.
    template <class Site>
    void slopes(Site, const gradient_keeper& together) {
        for (const auto& [layer, kept] : together.by_site[unloop::sites::number<Site>]) {
            const bool through_inputs =
                std::same_as<Site, unloop::sites::residual> && layer == 0 && decoder_.config().layer_input > 0;
            if (through_inputs) continue;  // the stream of layer 0 is shifted behind what the inputs are made of
            compare(kept.values, static_cast<std::uint64_t>(layer), "gradients at " + std::string(Site::name),
                    [&](std::size_t index, float by) {
                        shift move{unloop::sites::number<Site>, layer, index, by};
                        return value(move);
                    });
        }
    }

    /// The same for every matrix, but the tables that tokens are looked up in.
    void slopes_of_weights() {
        unloop::serial alone;
        const auto told = gradients<weights_keeper>(tokens_, alone).by_name;
        auto views = decoder_;
        views.for_each_parameter([&]<class Slot>(unloop::parameter_name name, unloop::parameter_shape, Slot& slot) {
            if constexpr (std::same_as<Slot, unloop::matrix_parameter>) {
                const auto found = told.find(name);
                const std::string what = "gradients of " + std::string(name_of(name.role));
                if (name.role == unloop::parameter_role::embedding ||
                    name.role == unloop::parameter_role::layer_input_embedding)
                    return;
                if (found == told.end()) return expect(is_idle(name), what + " are told where they are asked for");
                const std::span<float> weights = weights_.values_of(slot);
                compare(found->second.values, static_cast<std::uint64_t>(name.layer + 1), what,
                        [&](std::size_t index, float by) {
                            shift nothing{unloop::sites::count, 0, 0, 0};
                            const float before = std::exchange(weights[index], weights[index] + by);
                            const double moved = value(nothing);
                            weights[index] = before;
                            return moved;
                        });
            }
        });
    }
    /// An expert that no token chose, or keys and values of a layer that reads those of another.
    [[nodiscard]] bool is_idle(const unloop::parameter_name& name) const {
        if (name.expert >= 0) {
            const std::vector<std::int32_t>& chosen = choice_.chosen.at(name.layer);
            return std::find(chosen.begin(), chosen.end(), name.expert) == chosen.end();
        }
        return claims_.shares_key_values && name.layer > 0 &&
               (name.role == unloop::parameter_role::key || name.role == unloop::parameter_role::value);
    }

    /// A few gradients against central differences of fourth order; moved(index, by): the value with one number moved.
    template <class Number, class Moved>
    void compare(const std::vector<Number>& kept, std::uint64_t stream, const std::string& what, const Moved& moved) {
        double largest = 0;
        for (const Number gradient : kept) largest = std::max(largest, std::abs(static_cast<double>(gradient)));
        unloop::random_sequence random(9, stream);
        for (std::size_t i = 0; i < claims_.tried; ++i) {
            const std::size_t index = random.below(kept.size());
            constexpr float step = 0.0078125F;
            const double slope =
                (8 * (moved(index, step) - moved(index, -step)) - (moved(index, 2 * step) - moved(index, -2 * step))) /
                (12 * static_cast<double>(step));
            expect(std::abs(slope - static_cast<double>(kept[index])) <= claims_.tolerance * largest,
                   what + " are central differences");
        }
    }

    backward_claims claims_;
    decoder_type decoder_;
    random_parameters weights_{0.7};
    std::vector<unloop::batch_token> tokens_;
    std::vector<float> factors_;
    fixed_choice choice_;
    std::vector<std::string> broken_;
};

}  // namespace detail

/// The broken laws of a layer's backward pass, tried in a small model of two such layers with random weights; empty if
/// it keeps them all. Central differences are of float32 values with sums in double.
template <class Layer, class Embedding = unloop::token_embedding>
[[nodiscard]] std::vector<std::string> broken_backward_laws(const unloop::layer_traits& traits,
                                                            const backward_claims& claims = {}) {
    return detail::backward_judge<Layer, Embedding>(traits, claims).broken();
}

}  // namespace laws

#endif
