// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A feed-forward part is handed the stream and its norm, and each part reads the one that it says.
#include <unloop/blocks/beside.hpp>
#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/blocks/mixture.hpp>
#include <unloop/blocks/router.hpp>

#include <catch2/catch_test_macros.hpp>

#include "small_layer.hpp"

using namespace blocks;

namespace {

/// Which of the two, when it is NaN, spoils what `part` puts out.
template <class Part>
std::string reads(Part part) {
    constexpr std::size_t hidden = 12, length = 4;
    layer_traits traits;
    traits.hidden = hidden, traits.mlp_width = 5, traits.norm_epsilon = 1e-5F;
    traits.heads = traits.key_value_heads = 1, traits.head_size = 2;
    traits.experts = 3, traits.experts_used = 2, traits.expert_width = 4;
    small_layer layer(traits, 1, length);
    layer.fill(part);
    const auto tokens = tokens_of_row(0, 0, length);
    const auto good = random_floats(length * hidden, 1);
    const std::vector<float> bad(length * hidden, NAN);
    serial alone;
    no_tap none;
    auto run = layer.run(tokens, alone, none);
    const auto is_spoiled = [&](const std::vector<float>& stream, const std::vector<float>& norm) {
        std::vector<float> out(length * hidden);
        part.forward(run, feed_forward_input{{stream.data(), length, hidden}, {norm.data(), length, hidden}},
                     matrix_view(out.data(), length, hidden));
        return std::isnan(out[0]);
    };
    REQUIRE_FALSE(is_spoiled(good, good));
    return std::string(is_spoiled(bad, good) ? "stream " : "") + (is_spoiled(good, bad) ? "normed" : "");
}

template <class Routes, class Experts>
using small_mixture = mixture<softmax_top_k<Routes, experts_as_weighed>, kernels::silu_t, Experts>;
using own_norm = experts_read_own_norm<unloop::rms_norm>;

}  // namespace

TEST_CASE("a dense MLP reads the normed stream; routers and experts what their policies say") {
    CHECK(reads(llama_mlp{}) == "normed");
    CHECK(reads(small_mixture<routes_normed_stream, experts_read_normed>{}) == "normed");
    CHECK(reads(small_mixture<routes_scaled_stream, own_norm>{}) == "stream ");
    CHECK(reads(small_mixture<routes_scaled_stream, experts_read_normed>{}) == "stream normed");
    CHECK(reads(beside<llama_mlp, small_mixture<routes_scaled_stream, own_norm>, unloop::rms_norm>{}) ==
          "stream normed");
}
