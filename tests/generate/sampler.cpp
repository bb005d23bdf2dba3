// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as a sampler; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/generate/sampler.hpp>

#include <archetypes/sampler.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/sampler.hpp>
#include <unloop/generate/sampler_chain.hpp>
#include <unloop/generate/sampling.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

using namespace unloop;

namespace {

using names = std::vector<std::string>;

static_assert(token_sampler<greedy, reference>);
static_assert(token_sampler<archetypes::sampler, reference>);
static_assert(!token_sampler<int, reference>);
struct answers_an_index {
    template <class... Arguments>
    std::size_t choose(const Arguments&...) const;
};
struct not_const {
    template <class... Arguments>
    token_id choose(const Arguments&...);
};
static_assert(!token_sampler<answers_an_index, reference>);
static_assert(!token_sampler<not_const, reference>);

/// A sampler from a callable that takes logits and the draw.
template <class Choose>
struct own_sampler {
    Choose chosen;
    token_id choose(const reference&, std::span<const float> logits, std::span<const token_id>, draw_id draw) const {
        return chosen(logits, draw);
    }
};
template <class Choose>
own_sampler(Choose) -> own_sampler<Choose>;

/// Says that it takes the largest logit, and takes the first that is not banned.
struct takes_first : archetypes::sampler {
    using sampler::sampler;
    [[nodiscard]] static bool takes_largest() { return true; }
};

token_id drawn(std::span<const float> logits, double uniform) { return *draw_token(logits, uniform); }

}  // namespace

TEST_CASE("the library's samplers and the smallest own one keep the laws of samplers", "[laws]") {
    CHECK(laws::broken_sampler_laws(greedy{}, {.is_random = false}) == names{});
    CHECK(laws::broken_sampler_laws(archetypes::sampler(0), {.is_random = false}) == names{});
    CHECK(laws::broken_sampler_laws(sampling{}, {.is_random = false}) == names{});
    CHECK(laws::broken_sampler_laws(sampling{.repetition_penalty = 1.3F, .no_repeat_ngram = 2}, {.is_random = false}) ==
          names{});
    CHECK(laws::broken_sampler_laws(sampling{.temperature = 0.7F, .top_k = 20, .top_p = 0.9F, .seed = 5}) == names{});
    CHECK(laws::broken_sampler_laws(sampler_chain(3, no_repeat_ngram{1}, temperature{2.0F}, min_p{0.1F})) == names{});
}

TEST_CASE("the laws of samplers find what is wrong", "[laws]") {
    const auto own = [](std::span<const float> logits, draw_id draw) {
        return drawn(logits, random_uniform(1, draw.row, draw.step));
    };
    CHECK(laws::broken_sampler_laws(own_sampler{own}) == names{});
    CHECK(laws::broken_sampler_laws(own_sampler{own}, {.is_random = false}) ==
          names{"certainty: without chance the draw does not matter"});
    const auto of_calls = [calls = std::make_shared<std::atomic<std::uint64_t>>(0)](auto logits, draw_id) {
        return drawn(logits, random_uniform(1, 0, (*calls)++));
    };
    const auto of_steps = [](auto logits, draw_id draw) { return drawn(logits, random_uniform(1, 0, draw.step)); };
    const auto beyond = [](auto logits, draw_id draw) {
        return static_cast<token_id>(logits.size() + random_bits(1, draw.row, draw.step) % 9);
    };
    const auto any = [](auto logits, draw_id draw) {
        return static_cast<token_id>(random_bits(1, draw.row, draw.step) % logits.size());
    };
    CHECK(laws::broken_sampler_laws(own_sampler{of_calls}) ==
          names{"purity: a token does not depend on what was drawn before, or by other threads"});
    CHECK(laws::broken_sampler_laws(own_sampler{of_steps}) ==
          names{"draws: each row and each step has draws of its own"});
    CHECK(laws::broken_sampler_laws(own_sampler{beyond}) == names{"range: a token of the vocabulary is chosen"});
    CHECK(laws::broken_sampler_laws(takes_first(0), {.is_random = false}) ==
          names{"largest: a sampler that says so takes the largest logit"});
    CHECK(laws::broken_sampler_laws(own_sampler{any}) ==
          names{"bans: a banned token is not chosen while another is left"});
}
