// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The whole line on a trained mixture of experts: a fault drawn by seed, of each kind of target, is the first of its
// kind in free generation, and its cure leaves the model as it was.
#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/io/load.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/plant_fault.hpp>

#include <set>

#include "support/golden.hpp"

namespace {

using namespace unloop;

const std::string folder = golden::path("../../examples/models/mixture");

auto load_mixture() { return load<gemma4>(hugging_face::open(folder), dispatched{}); }

/// Lists that the model recites to their end.
template <class Model>
probe_suite sound_lists(const Model& model, std::size_t count) {
    probe_suite suite = read_probe_suite(folder + "/probes/lists_fit.json"), sound;
    const plan* const unedited = nullptr;
    const auto answers = answers_until_loop(model, encode_suite(model, suite), std::span(&unedited, 1),
                                            {.max_tokens = 160, .batch = 36, .threads = 2});
    for (std::size_t i = 0; i < answers.size() && sound.probes.size() < count; ++i)
        if (answers[i].ended_naturally()) sound.probes.push_back(suite.probes[i]);
    return sound;
}

/// Place of a target in free generation among those of its kind, from 1; 0: it is not there.
std::size_t rank_of(const localization& found, const target_id& target) {
    std::size_t rank = 0;
    for (const free_candidate& one : found.free) {
        rank += one.edit.target.index() == target.index() ? 1U : 0U;
        if (one.edit.target == target) return rank;
    }
    return 0;
}

}  // namespace

TEST_CASE("planted neurons, experts and neurons of experts are found by a search that does not know them") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 6);
    REQUIRE(suite.probes.size() == 6);
    const localize_options options{
        .max_tokens = 80, .threads = 2, .most_runs = 2, .candidates = 4, .free_candidates = 8, .experts = 8};
    // One neuron of the experts that are screened breaks the model, whatever the seed.
    const std::vector<std::pair<any_target_kind, std::uint64_t>> drawn{{target_kind<neuron_id>{}, 1},
                                                                       {target_kind<neuron_id>{}, 3},
                                                                       {target_kind<expert_id>{}, 1},
                                                                       {target_kind<expert_id>{}, 2},
                                                                       {target_kind<expert_neuron_id>{}, 1}};
    std::set<target_id> planted;
    for (const auto& [kind, seed] : drawn) {
        const planting fault = plant_fault(
            model, suite, {.seed = seed, .max_tokens = 80, .threads = 2, .kind = kind, .screened_share = 0.004});
        INFO(fault.fault().fault);
        CHECK(kind_of(fault.target).index() == kind.index());
        CHECK(fault.loops_unbroken == 0);
        CHECK(fault.loops_broken >= 3);
        planted.insert(fault.target);
        const scoped_edit broken(model, fault.fault().fault);
        const localization found = localize(model, suite, options);
        CHECK(found.looping == fault.loops_broken);
        CHECK(rank_of(found, fault.target) == 1);
        const scoped_edit mended(model, fault.fault().cure);
        CHECK(localize(model, suite, options).looping == 0);
    }
    CHECK(planted.size() == drawn.size());
}

TEST_CASE("a kind that the model lacks cannot be planted") {
    const auto model = load<llama>(hugging_face::open(golden::path("models/llama")), dispatched{});
    const target_scores strengths(model.config());
    CHECK_THROWS_AS(detail::strongest(strengths, {.kind = target_kind<expert_id>{}}), error);
    CHECK(detail::strongest(strengths, {}).size() == 8);
}
