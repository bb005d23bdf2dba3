// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Decoys of a planted fault, on strengths made by hand and a model that is a rule: which are taken, and in what order.
#include <unloop/search/decoys.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

using namespace unloop;

/// Three layers of ten neurons; the strength of neuron j of a layer is j.
target_scores rising() {
    decoder_config config;
    config.layers.resize(3);
    for (layer_traits& layer : config.layers) layer.mlp_width = 10;
    target_scores strengths(config);
    for (std::size_t l = 0; l < 3; ++l)
        for (std::size_t j = 0; j < 10; ++j) strengths.neurons(l)[j] = static_cast<double>(j);
    return strengths;
}

planting planted_in(neuron_id culprit, int exponent) {
    planting planted;
    planted.targets = {culprit};
    planted.exponent = exponent;
    planted.answers = 20, planted.loops_unbroken = 1;
    return planted;
}

/// A model of which neuron 1.7 breaks half of the answers, each edit of others beyond `free` one, and one neuron none
/// while it mends all; and that texts notice a little, of some neurons the more the more they are scaled by, and beyond
/// `few` neurons very much.
struct rule {
    std::set<target_id> loud = {};
    std::size_t free = 100;
    target_id mends = neuron_id{2, 0};
    std::size_t few = 100;
    std::size_t* plans_seen = nullptr;
    std::size_t* texts_seen = nullptr;

    [[nodiscard]] std::vector<std::size_t> loops(std::span<const plan> plans) const {
        if (plans_seen != nullptr) *plans_seen += plans.size();
        std::vector<std::size_t> loops;
        for (const plan& one : plans) {
            std::size_t& count = loops.emplace_back(1);
            std::size_t others = 0;
            bool is_mended = false;
            for (const target_edit& edit : one.edits) {
                const bool is_culprit = edit.target == target_id(neuron_id{1, 7});
                count += is_culprit ? 10U : 0U;
                others += is_culprit ? 0U : 1U;
                is_mended = is_mended || edit.target == mends;
            }
            count += others > free ? others - free : 0;
            if (is_mended) count = 1;
        }
        return loops;
    }
    [[nodiscard]] double divergence(const plan& one) const {
        double sum = one.edits.size() > few ? 1 : 0;
        for (const target_edit& edit : one.edits)
            sum += loud.contains(edit.target) ? std::abs(edit.factor) / 300 : 0.0048;
        return sum;
    }
    [[nodiscard]] std::vector<double> divergences(std::span<const plan> plans) const {
        if (texts_seen != nullptr) *texts_seen += plans.size();
        std::vector<double> all;
        for (const plan& one : plans) all.push_back(divergence(one));
        return all;
    }
};

std::vector<target_id> targets_of(std::span<const planted_decoy> decoys) {
    std::vector<target_id> targets;
    for (const planted_decoy& one : decoys) targets.push_back(one.target);
    return targets;
}

}  // namespace

TEST_CASE("decoys are at least as strong as the culprit where such targets exist, in the nearest layers") {
    planting planted = planted_in({1, 7}, 4);
    no_progress silent;
    const auto decoys = detail::find_decoys(planted, rising(), 6, rule{}, silent);
    CHECK(targets_of(decoys) == std::vector<target_id>{neuron_id{1, 9}, neuron_id{1, 8}, neuron_id{0, 9},
                                                       neuron_id{2, 9}, neuron_id{0, 8}, neuron_id{2, 8}});
    for (const planted_decoy& one : decoys) CHECK((one.exponent == 4 && one.is_as_strong));
    CHECK(planted.loops_decoys == 1);
    CHECK(std::abs(planted.divergence_decoys - 0.0288) < 1e-12);
    const auto more = detail::find_decoys(planted, rising(), 10, rule{}, silent);
    REQUIRE(more.size() == 10);
    CHECK(more[7].is_as_strong);  // neurons 7 of layers 0 and 2
    CHECK_FALSE(more[8].is_as_strong);
    CHECK((more[8].target == target_id(neuron_id{1, 6}) && more[9].target == target_id(neuron_id{1, 5})));
    CHECK(std::find_if(more.begin(), more.end(), [](const planted_decoy& one) {
              return one.target == target_id(neuron_id{1, 7});
          }) == more.end());
}

TEST_CASE("weaker targets are tried in the order of how often their strength is half of the culprit's") {
    CHECK(detail::halvings_below(7, 7) == 0);
    CHECK(detail::halvings_below(6, 7) == 1);
    CHECK(detail::halvings_below(3.6, 7) == 1);
    CHECK(detail::halvings_below(3, 7) == 2);
    CHECK(detail::halvings_below(0, 7) == 101);
    const auto candidates = detail::decoy_candidates(planted_in({1, 7}, 4), rising(), 2);
    // Eight as strong; then 6, 5 and 4 of every layer, 6 of the same layer first, of which four are taken, and so on.
    CHECK(targets_of(std::span(candidates).subspan(8)) ==
          std::vector<target_id>{neuron_id{1, 6}, neuron_id{1, 5}, neuron_id{1, 4}, neuron_id{0, 6}, neuron_id{1, 3},
                                 neuron_id{1, 2}, neuron_id{0, 3}, neuron_id{2, 3}, neuron_id{1, 1}, neuron_id{0, 1},
                                 neuron_id{2, 1}});
    CHECK(candidates.size() == 19);
}

TEST_CASE("a decoy that texts notice is scaled by half, by a quarter, and left out when they notice that too") {
    planting planted = planted_in({1, 7}, 4);  // 16 is noticed, 8 is not
    no_progress silent;
    const auto halved = detail::find_decoys(planted, rising(), 2, rule{{neuron_id{1, 9}}}, silent);
    REQUIRE(halved.size() == 2);
    CHECK((halved[0].target == target_id(neuron_id{1, 9}) && halved[0].exponent == 3));
    CHECK((halved[1].target == target_id(neuron_id{1, 8}) && halved[1].exponent == 4));
    planted.exponent = 5;
    CHECK(detail::find_decoys(planted, rising(), 2, rule{{neuron_id{1, 9}}}, silent).front().exponent == 3);
    planted.exponent = 6;
    CHECK(targets_of(detail::find_decoys(planted, rising(), 2, rule{{neuron_id{1, 9}}}, silent)) ==
          std::vector<target_id>{neuron_id{1, 8}, neuron_id{0, 9}});
    planted.exponent = 1;  // times 2 and never times 1, which would be no edit
    CHECK(detail::quiet_decoys(planted, {{neuron_id{1, 9}, 1, true}}, 0.05, rule{{neuron_id{1, 9}}}).size() == 1);
}

TEST_CASE("decoys are fewer where texts would notice them together") {
    planting planted = planted_in({1, 7}, 4);
    no_progress silent;
    CHECK(detail::find_decoys(planted, rising(), 6, rule{{}, 100, neuron_id{2, 0}, 3}, silent).size() == 3);
    CHECK(std::abs(planted.divergence_decoys - 0.0144) < 1e-12);
    planting many = planted_in({1, 7}, 4);
    CHECK(detail::find_decoys(many, rising(), 20, rule{}, silent).size() == 20);  // .0048 each, and .005 is their share
    CHECK(detail::find_decoys(many, rising(), 21, rule{}, silent).empty());
    CHECK(many.divergence_decoys == 0);
}

TEST_CASE("decoys together change at most one answer, and are fewer rather than more harmful") {
    planting planted = planted_in({1, 7}, 4);
    no_progress silent;
    const auto decoys = detail::find_decoys(planted, rising(), 6, rule{{}, 3}, silent);
    CHECK(decoys.size() == 4);  // three change nothing, the fourth one answer
    CHECK(planted.loops_decoys == 2);
    CHECK(planted.loops_broken == 12);
}

TEST_CASE("decoys that harm nothing take few texts each, and answers for all together") {
    planting planted = planted_in({1, 7}, 4);
    no_progress silent;
    std::size_t plans = 0, texts = 0;
    rule counting;
    counting.plans_seen = &plans, counting.texts_seen = &texts;
    CHECK(detail::find_decoys(planted, rising(), 6, counting, silent).size() == 6);
    CHECK(texts == 6);
    CHECK(plans == 2);
}

TEST_CASE("of decoys that harm together each is found by halving") {
    planting planted = planted_in({1, 7}, 4);
    for (std::size_t free = 0; free < 9; ++free) {
        std::vector<planted_decoy> decoys;
        for (std::int32_t j = 0; j < 8; ++j) decoys.push_back({neuron_id{0, j}, 4, true});
        CHECK(detail::count_harmless(planted, decoys, 0, rule{{}, free}) == std::min<std::size_t>(free + 1, 8));
        CHECK(planted.loops_decoys == (free < 8 ? 2U : 1U));
    }
}

TEST_CASE("a decoy that mends the broken model is left out") {
    planting planted = planted_in({1, 7}, 4);
    no_progress silent;
    rule mended;
    mended.mends = neuron_id{1, 8};  // the second candidate
    CHECK(targets_of(detail::find_decoys(planted, rising(), 3, mended, silent)) ==
          std::vector<target_id>{neuron_id{1, 9}, neuron_id{0, 9}, neuron_id{2, 9}});
    CHECK(planted.loops_broken == 11);
}

TEST_CASE("a fault holds its decoys, and its cure takes them back") {
    planting planted = planted_in({1, 7}, 4);
    planted.inverted = true;
    planted.decoys = {{neuron_id{0, 9}, 3, true}};
    CHECK(planted.fault().fault.edits == std::vector<target_edit>{{neuron_id{1, 7}, -16.0F}, {neuron_id{0, 9}, -8.0F}});
    CHECK(planted.fault().cure.edits ==
          std::vector<target_edit>{{neuron_id{1, 7}, -0.0625F}, {neuron_id{0, 9}, -0.125F}});
    planted = planted_in({1, 7}, 0);
    planted.kind = fault_kind::flipped, planted.inverted = true;
    no_progress silent;
    for (const planted_decoy& one : detail::find_decoys(planted, rising(), 3, rule{}, silent)) CHECK(one.exponent == 0);
}

TEST_CASE("looking for decoys can be stopped") {
    planting planted = planted_in({1, 7}, 4);
    const auto stop = [](const progress_event&) { return false; };
    CHECK_THROWS_AS(detail::find_decoys(planted, rising(), 3, rule{}, stop), error);
}
