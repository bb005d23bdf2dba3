// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Routing by its formula: which experts, in which order, with which factors, and what a tap can do to it.
#include <unloop/blocks/router.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // fill
#include <limits>     // infinity
#include <set>        // masked experts
#include <string>     // order of sites

#include "expert_formulas.hpp"
#include "small_layer.hpp"

using namespace blocks;

namespace router_test {
namespace {

constexpr std::size_t hidden = 16, experts = 11, used = 4, length = 23;
constexpr float epsilon = 1e-3F;

layer_traits small_traits() {
    layer_traits traits;
    traits.hidden = hidden, traits.norm_epsilon = epsilon;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    traits.experts = experts, traits.experts_used = used, traits.expert_width = 1;
    return traits;
}

struct routing {
    std::vector<std::int32_t> chosen;
    doubles logits, probabilities, weights;
};

/// By definition: softmax over all, the largest logits, renormalised, scaled.
template <class Router>
routing routed_by_logits(const Router& router, const layer_traits& traits, const fed_token& in,
                         const std::set<std::size_t>& masked = {}) {
    routing out;
    out.logits = times(router.weights, input_of(router.input, traits, in));
    for (const std::size_t e : masked) out.logits[e] = -INFINITY;
    out.probabilities = softmax_of(out.logits);
    out.chosen = largest_of(out.logits, used);
    out.weights = weights_of(router.scale, out.probabilities, out.chosen);
    return out;
}

/// Keeps what passes the router's sites.
struct listener {
    std::string order;
    std::vector<float> logits, probabilities, weights;
    std::vector<std::int32_t> chosen;
    static void keep(matrix_view values, std::vector<float>& to) {
        for (std::size_t t = 0; t < values.rows(); ++t) to.insert(to.end(), values[t].begin(), values[t].end());
    }
    void operator()(sites::router_logits, const tap_place& place, matrix_view values) {
        CHECK(place.layer == 7);
        CHECK(place.tokens.size() == values.rows());
        order += "logits ", keep(values, logits);
    }
    void operator()(sites::router_probabilities, const tap_place&, matrix_view values) {
        order += "probabilities ", keep(values, probabilities);
    }
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) {
        order += "weights", keep(values, weights);
        chosen.assign(place.experts.begin(), place.experts.end());
    }
};

/// Makes the logits of some experts minus infinity.
struct masking {
    std::set<std::size_t> masked;
    void operator()(sites::router_logits, const tap_place&, matrix_view values) const {
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (const std::size_t e : masked) values[t][e] = -std::numeric_limits<float>::infinity();
    }
};

struct all_equal {
    void operator()(sites::router_logits, const tap_place&, matrix_view values) const {
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 0.25F);
    }
};

struct rewrites_probabilities {
    void operator()(sites::router_probabilities, const tap_place&, matrix_view values) const {
        for (std::size_t t = 0; t < values.rows(); ++t) std::fill(values[t].begin(), values[t].end(), 1.0F);
    }
};

struct inputs {
    std::vector<float> stream = random_floats(length * hidden, 1, 2.0), norm = random_floats(length * hidden, 2, 2.0);
    [[nodiscard]] feed_forward_input views() const {
        return {{stream.data(), length, hidden}, {norm.data(), length, hidden}};
    }
    [[nodiscard]] fed_token token(std::size_t t) const {
        return {row_of(views().stream, t), row_of(views().normed, t), {}};
    }
};

/// Chosen experts and weights that the router leaves in the workspace.
template <class Router, class Executor, class Tap>
std::pair<std::vector<std::int32_t>, std::vector<float>> route(small_layer& layer, const Router& router,
                                                               const inputs& in, Executor& executor, Tap& tap) {
    const auto tokens = tokens_of_row(0, 0, length);
    auto run = layer.run(tokens, executor, tap);
    router.route(run, in.views());
    const auto& space = layer.space.experts;
    return {{space.chosen.begin(), space.chosen.end()}, {space.weights.data(), space.weights.data() + length * used}};
}

template <class Router>
void check_routing(const Router& router, const inputs& in, const std::vector<std::int32_t>& chosen,
                   const std::vector<float>& weights, const std::set<std::size_t>& masked) {
    for (std::size_t t = 0; t < length; ++t) {
        const routing expected = routed_by_logits(router, small_traits(), in.token(t), masked);
        for (std::size_t k = 0; k < used; ++k) REQUIRE(chosen[t * used + k] == expected.chosen[k]);
        REQUIRE(difference(std::span(weights).subspan(t * used, used), expected.weights) < 1e-5);
    }
}

using mixtral_router = softmax_top_k<routes_normed_stream, experts_as_weighed>;
using gemma4_router = softmax_top_k<routes_scaled_stream, experts_scaled>;
using other_router = softmax_top_k<routes_normed_stream, experts_scaled>;

}  // namespace

TEMPLATE_TEST_CASE("routing is softmax over all experts, the most probable, renormalised, then scaled", "",
                   mixtral_router, gemma4_router, other_router) {
    small_layer layer(small_traits(), 1, length);
    TestType router;
    layer.fill(router);
    const inputs in;
    serial alone;
    listener heard;
    const auto [chosen, weights] = route(layer, router, in, alone, heard);
    check_routing(router, in, chosen, weights, {});
    CHECK(heard.order == "logits probabilities weights");
    CHECK(heard.chosen == chosen);
    CHECK(same_bits(heard.weights, weights));
    for (std::size_t t = 0; t < length; ++t) {
        const routing expected = routed_by_logits(router, layer.traits, in.token(t));
        CHECK(difference(std::span(heard.logits).subspan(t * experts, experts), expected.logits) < 1e-5);
        CHECK(difference(std::span(heard.probabilities).subspan(t * experts, experts), expected.probabilities) < 1e-5);
        double sum = 0;
        for (std::size_t k = 0; k < used; ++k) sum += static_cast<double>(weights[t * used + k]);
        CHECK((std::abs(sum - 1) < 1e-6) == std::is_same_v<TestType, mixtral_router>);
    }
    thread_pool pool(3);
    no_tap none;
    CHECK(route(layer, router, in, pool, none) == std::pair(chosen, weights));
}

TEMPLATE_TEST_CASE("an expert whose logit is minus infinity is not chosen, and the others' weights are renormalised",
                   "", mixtral_router, gemma4_router) {
    small_layer layer(small_traits(), 1, length);
    TestType router;
    layer.fill(router);
    const inputs in;
    serial alone;
    // The last leaves just as many as are used.
    for (const std::set<std::size_t>& masked : {std::set<std::size_t>{0}, {3, 10}, {1, 4, 9}, {0, 1, 2, 4, 5, 7, 10}}) {
        masking tap{masked};
        const auto [chosen, weights] = route(layer, router, in, alone, tap);
        for (const std::int32_t e : chosen) REQUIRE_FALSE(masked.contains(static_cast<std::size_t>(e)));
        check_routing(router, in, chosen, weights, masked);
    }
}

TEST_CASE("ties go to the lower index, in the order of the indices") {
    small_layer layer(small_traits(), 1, length);
    mixtral_router router;
    layer.fill(router);
    serial alone;
    all_equal tap;
    const auto [chosen, weights] = route(layer, router, inputs{}, alone, tap);
    for (std::size_t t = 0; t < length; ++t)
        for (std::size_t k = 0; k < used; ++k) {
            REQUIRE(chosen[t * used + k] == static_cast<std::int32_t>(k));
            REQUIRE(weights[t * used + k] == 0.25F);
        }
}

TEST_CASE("probabilities are for reading: rewriting them changes no weight") {
    small_layer layer(small_traits(), 1, length);
    gemma4_router router;
    layer.fill(router);
    const inputs in;
    serial alone;
    no_tap none;
    const auto untouched = route(layer, router, in, alone, none);
    rewrites_probabilities tap;
    CHECK(route(layer, router, in, alone, tap) == untouched);
}

TEST_CASE("a router has the parameters of its policies") {
    std::vector<std::pair<parameter_role, parameter_shape>> seen;
    const auto note = [&](parameter_role role, parameter_shape shape, auto&) { seen.emplace_back(role, shape); };
    using expected = std::vector<std::pair<parameter_role, parameter_shape>>;
    mixtral_router plain;
    plain.for_each_parameter(small_traits(), note);
    CHECK(seen == expected{{parameter_role::router, {experts, hidden}}});
    seen.clear();
    gemma4_router scaled;
    scaled.for_each_parameter(small_traits(), note);
    CHECK(seen == expected{{parameter_role::router_scale, {1, hidden}},
                           {parameter_role::router, {experts, hidden}},
                           {parameter_role::expert_scale, {1, experts}}});
}

}  // namespace router_test
