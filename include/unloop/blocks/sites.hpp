// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The one list of sites at which a tap reads or rewrites activations.
#ifndef UNLOOP_BLOCKS_SITES_HPP
#define UNLOOP_BLOCKS_SITES_HPP

#include <concepts>     // same_as
#include <cstddef>      // size_t
#include <string_view>  // names

namespace unloop::inline v0::sites {

// `name` is what files and the command line call the site; [tokens, width] is the shape of the values there. With
// `every_layer` the site exists once a layer and its tensor is called NAME.LAYER.

/// Residual stream entering layer i, [tokens, hidden]; layer count = the stream that enters the final norm.
struct residual {
    static constexpr std::string_view name = "hidden";
    static constexpr bool every_layer = true;
};
/// Keys of the pass as they are stored: normed where the layer norms them, and turned, [tokens, key/value heads * head
/// size], in layers that have keys of their own. To read: rewriting them changes nothing.
struct attention_keys {
    static constexpr std::string_view name = "attn_keys";
    static constexpr bool every_layer = true;
};
/// Queries as they are compared with keys, normed and turned likewise, [tokens, heads * head size]. To read.
struct attention_queries {
    static constexpr std::string_view name = "attn_queries";
    static constexpr bool every_layer = true;
};
/// What the query heads took from the values, side by side in the order of the heads: the input of the attention's last
/// projection, [tokens, heads * head size]; `tap_place::head_size` is the width of one head.
struct attention_heads {
    static constexpr std::string_view name = "attn_heads";
    static constexpr bool every_layer = true;
};
/// Output of the attention's last projection, before any norm and before it joins the stream, [tokens, hidden].
struct attention_output {
    static constexpr std::string_view name = "attn_out";
    static constexpr bool every_layer = true;
};
/// Gate of the MLP before its activation, [tokens, width].
struct mlp_gate {
    static constexpr std::string_view name = "mlp_gate";
    static constexpr bool every_layer = true;
};
/// Up projection of the MLP, [tokens, width].
struct mlp_up {
    static constexpr std::string_view name = "mlp_up";
    static constexpr bool every_layer = true;
};
/// activation(gate) * up, the input of the down projection, [tokens, width].
struct mlp_neurons {
    static constexpr std::string_view name = "mlp_neurons";
    static constexpr bool every_layer = true;
};
/// Output of the dense MLP where routed experts stand beside it, before any norm, [tokens, hidden].
struct dense_output {
    static constexpr std::string_view name = "dense_out";
    static constexpr bool every_layer = true;
};
/// Logits of the router, [tokens, experts]; an expert whose logit is minus infinity is not chosen.
struct router_logits {
    static constexpr std::string_view name = "router_logits";
    static constexpr bool every_layer = true;
};
/// Softmax of the router's logits over all experts, [tokens, experts]. To read: rewriting it changes nothing.
struct router_probabilities {
    static constexpr std::string_view name = "router_prob";
    static constexpr bool every_layer = true;
};
/// Factors with which the outputs of the chosen experts are summed, [tokens, experts used], most probable first;
/// `tap_place::experts` says which experts these are.
struct expert_weights {
    static constexpr std::string_view name = "router_top_k_weight";
    static constexpr bool every_layer = true;
};
/// activation(gate) * up of the chosen experts before their factors, [tokens * experts used, expert width]: row
/// t * experts used + k is the k-th choice of token t.
struct expert_neurons {
    static constexpr std::string_view name = "expert_neurons";
    static constexpr bool every_layer = true;
};
/// Weighted sum of the chosen experts' outputs, before any norm, [tokens, hidden].
struct experts_output {
    static constexpr std::string_view name = "experts_out";
    static constexpr bool every_layer = true;
};
/// Output of the whole feed-forward part before the norm behind it and before it joins the stream, [tokens, hidden].
struct mlp_output {
    static constexpr std::string_view name = "mlp_out";
    static constexpr bool every_layer = true;
};
/// What a layer with an input of its own multiplies its gate with, [tokens, width of the input].
struct layer_input {
    static constexpr std::string_view name = "per_layer_inputs";
    static constexpr bool every_layer = true;
};
/// What the layer's own input puts out, before its norm and before it joins the stream, [tokens, hidden].
struct layer_input_output {
    static constexpr std::string_view name = "per_layer_out";
    static constexpr bool every_layer = true;
};
/// Output of the final norm, [tokens that want logits, hidden].
struct final_norm {
    static constexpr std::string_view name = "final_norm";
    static constexpr bool every_layer = false;
};
/// Logits, after a soft-cap where the model has one, [tokens that want logits, vocabulary].
struct logits {
    static constexpr std::string_view name = "logits";
    static constexpr bool every_layer = false;
};

/// Calls `visit(Site{})` for every site, in the order in which a pass reaches them.
template <class Visitor>
constexpr void for_each_site(Visitor&& visit) {
    visit(residual{}), visit(attention_keys{}), visit(attention_queries{}), visit(attention_heads{});
    visit(attention_output{}), visit(mlp_gate{}), visit(mlp_up{}), visit(mlp_neurons{});
    visit(dense_output{}), visit(router_logits{}), visit(router_probabilities{}), visit(expert_weights{});
    visit(expert_neurons{}), visit(experts_output{}), visit(mlp_output{}), visit(layer_input{});
    visit(layer_input_output{});
    visit(final_norm{}), visit(logits{});
}

/// Sites in the list.
inline constexpr std::size_t count = [] {
    std::size_t sites = 0;
    for_each_site([&](auto) { ++sites; });
    return sites;
}();

/// Place of a site in the list, from 0; `count` for what is not in it.
template <class Site>
inline constexpr std::size_t number = [] {
    std::size_t next = 0, found = count;
    for_each_site([&]<class Other>(Other) {
        if (std::same_as<Site, Other>) found = next;
        ++next;
    });
    return found;
}();

}  // namespace unloop::inline v0::sites

#endif
