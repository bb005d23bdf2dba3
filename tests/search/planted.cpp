// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The whole line on a trained mixture of experts: a fault drawn by seed, of each kind of target, is the first of its
// kind in free generation (of heads one of the first three), and its cure leaves the model as it was.
#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/evaluate/probe_suite_json.hpp>
#include <unloop/report/search_json.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/plant_fault.hpp>

#include <set>

#include "support/any_model.hpp"
#include "support/golden.hpp"
#include "support/watched_memory.hpp"

namespace {

using namespace unloop;

const std::string mixture_model = golden::path("../../examples/models/mixture");

auto load_mixture() { return test::load_model(mixture_model); }

/// Lists that the model recites to their end.
template <class Model>
probe_suite sound_lists(const Model& model, std::size_t count) {
    probe_suite suite = read_probe_suite(mixture_model + "/probes/lists_fit.json"), sound;
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

/// Half of the experts are drawn from.
planting_options flipped_experts() {
    return {.seed = 1,
            .max_tokens = 64,
            .threads = 2,
            .most_draws = 12,
            .kind = target_kind<expert_id>{},
            .fault = fault_kind::flipped,
            .screened_share = 0.5};
}

}  // namespace

TEST_CASE("planted neurons, experts, neurons of experts and heads are found by a search that does not know them") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 6);
    REQUIRE(suite.probes.size() == 6);
    const localize_options options{.max_tokens = 80,
                                   .threads = 2,
                                   .most_runs = 2,
                                   .candidates = 4,
                                   .free_candidates = 8,
                                   .experts = 8,
                                   .heads = 16};
    // One neuron of the experts that are screened breaks the model, whatever the seed.
    const std::vector<std::pair<any_target_kind, std::uint64_t>> drawn{
        {target_kind<neuron_id>{}, 1}, {target_kind<neuron_id>{}, 3},        {target_kind<expert_id>{}, 1},
        {target_kind<expert_id>{}, 2}, {target_kind<expert_neuron_id>{}, 1}, {target_kind<head_id>{}, 1}};
    std::set<target_id> planted;
    for (const auto& [kind, seed] : drawn) {
        const planting fault = plant_fault(
            model, suite, {.seed = seed, .max_tokens = 80, .threads = 2, .kind = kind, .screened_share = 0.004});
        INFO(fault.fault().fault);
        CHECK(kind_of(fault.targets.front()).index() == kind.index());
        CHECK(fault.loops_unbroken == 0);
        CHECK(fault.loops_broken >= 3);
        planted.insert(fault.targets.front());
        const scoped_edit broken(model, fault.fault().fault);
        const localization found = localize(model, suite, options);
        CHECK(found.looping == fault.loops_broken);
        // A head is a quarter of its layer's attention here: another one may end as many loops.
        const std::size_t rank = rank_of(found, fault.targets.front());
        CHECK((rank == 1 || (rank <= 3 && rank > 0 && std::holds_alternative<head_id>(fault.targets.front()))));
        const scoped_edit mended(model, fault.fault().cure);
        CHECK(localize(model, suite, options).looping == 0);
    }
    CHECK(planted.size() == drawn.size());
}

TEST_CASE("a search of one kind looks at that kind alone") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 6);
    const planting fault = plant_fault(
        model, suite,
        {.seed = 1, .max_tokens = 80, .threads = 2, .kind = target_kind<expert_id>{}, .screened_share = 0.004});
    const scoped_edit broken(model, fault.fault().fault);
    const localization found =
        localize(model, suite, {.max_tokens = 80, .threads = 2, .most_runs = 2, .kinds = {target_kind<expert_id>{}}});
    REQUIRE_FALSE(found.free.empty());
    for (const exact_candidate& one : found.exact) CHECK(std::holds_alternative<expert_id>(one.edit.target));
    CHECK(found.free.front().edit.target == fault.targets.front());
    // A localisation that is killed or cancelled goes on from what it remembers, to the same document.
    const localize_options few{.max_tokens = 80,
                               .threads = 2,
                               .most_runs = 2,
                               .candidates = 2,
                               .kinds = {target_kind<neuron_id>{}},
                               .method = "gradient_x_activation"};
    CHECK(test::goes_on_from_a_memory([&](test::watched_memory& memory) {
        return json_line(to_json(localize(model, suite, few, no_progress{}, memory)));
    }));
    std::size_t events = 0;
    const auto count = [&](const progress_event&) { return ++events > 0; };
    const std::string whole = json_line(to_json(localize(model, suite, few, count)));
    memory_of_values memory;
    std::size_t left = events - 1;  // that is in the last answers
    const auto stop = [&](const progress_event&) { return left > 0 && --left > 0; };
    CHECK_THROWS_AS(localize(model, suite, few, stop, memory), error);
    CHECK(json_line(to_json(localize(model, suite, few, no_progress{}, memory))) == whole);
}

TEST_CASE("three neurons are planted at once among decoys, and flipped signs and replaced columns are tried as such") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 6);
    const planting three = plant_fault(
        model, suite, {.seed = 2, .max_tokens = 80, .threads = 2, .culprits = 3, .decoys = 4, .screened_share = 0.02});
    CHECK(three.targets.size() == 3);
    CHECK(three.loops_broken >= 3);
    CHECK(three.loops_decoys <= three.loops_unbroken + 1);
    CHECK(three.decoys.size() <= 4);
    CHECK((three.decoys.empty() ? three.divergence_decoys == 0 : three.divergence_decoys > 0));
    {
        const scoped_edit broken(model, three.fault().fault);
        const scoped_edit mended(model, three.fault().cure);
        const plan* const unedited = nullptr;
        const auto answers = answers_until_loop(model, encode_suite(model, suite), std::span(&unedited, 1),
                                                {.max_tokens = 80, .threads = 2});
        CHECK(count_loops(answers) == three.loops_unbroken);
    }
    for (const fault_kind kind : {fault_kind::flipped, fault_kind::replaced}) {
        try {
            const planting other =
                plant_fault(model, suite, {.seed = 1, .max_tokens = 80, .threads = 2, .most_draws = 3, .fault = kind});
            CHECK(other.exponent == 0);
            CHECK(other.inverted == (kind == fault_kind::flipped));
        } catch (const error& fault) {
            CHECK(std::string(fault.what()).find("nothing of 3 draws of 1 neuron with seed 1") == 0);
        }
    }
}

TEST_CASE("faults that are tried many at once are those that are tried one by one") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 6);
    planting_options options = flipped_experts();
    const auto planted_by = [&](std::size_t at_once) {
        options.draws_at_once = at_once;
        return json_line(to_json(plant_fault(model, suite, options)));
    };
    const std::string alone = planted_by(1);
    CHECK(planted_by(5) == alone);
    CHECK(planted_by(32) == alone);
}

TEST_CASE("planting goes on from a memory, and other seeds ask nothing that it knows") {
    auto model = load_mixture();
    const probe_suite suite = sound_lists(model, 4);
    planting_options options = flipped_experts();
    options.draws_at_once = 3;
    CHECK(test::goes_on_from_a_memory(
        [&](auto& memory) { return json_line(to_json(plant_fault(model, suite, options, no_progress{}, memory))); }));
    memory_of_values memory;
    options.draws_at_once = 32;  // all of the screen
    (void)plant_fault(model, suite, options, no_progress{}, memory);
    const std::size_t known = memory.size();
    CHECK(known > 0);
    options.seed = 2;
    const std::string alone = json_line(to_json(plant_fault(model, suite, options)));
    CHECK(json_line(to_json(plant_fault(model, suite, options, no_progress{}, memory))) == alone);
    CHECK(memory.size() <= 16);  // experts of the screen
}

TEST_CASE("every target is drawn once, and of amplified ones once more to be inverted") {
    const std::vector<target_id> screened{neuron_id{0, 1}, neuron_id{0, 2}, neuron_id{1, 1}, neuron_id{1, 2}};
    decoder_config config;
    config.layers.resize(2);
    for (layer_traits& layer : config.layers) layer.mlp_width = 32;
    for (const fault_kind kind : {fault_kind::amplified, fault_kind::flipped, fault_kind::replaced}) {
        const planting_options options{.seed = 3, .fault = kind, .culprits = 2};
        detail::fault_drawer one_by_one(screened, config, options), together(screened, config, options);
        const auto group = together.next(9);
        CHECK(group.size() == (kind == fault_kind::amplified ? 4U : 2U));
        std::set<target_id> drawn;
        for (std::size_t i = 0; i < group.size(); ++i) {
            const auto same = one_by_one.next();
            REQUIRE(same);
            CHECK(same->targets == group[i].targets);
            CHECK(same->donors == group[i].donors);
            CHECK(group[i].inverted == (kind == fault_kind::flipped || (kind == fault_kind::amplified && i >= 2)));
            CHECK(group[i].faults(options).size() == (kind == fault_kind::amplified ? 5U : 1U));
            drawn.insert(group[i].targets.begin(), group[i].targets.end());
        }
        CHECK(drawn.size() == screened.size());
        CHECK_FALSE(one_by_one.next());
    }
}

TEST_CASE("more culprits than targets are refused") {
    const std::vector<target_id> screened{neuron_id{0, 1}, neuron_id{0, 2}};
    CHECK_THROWS_AS(detail::fault_drawer(screened, decoder_config{}, {.culprits = 3}), error);
}

TEST_CASE("columns are replaced by those of neurons in the same aligned group, never by another culprit's") {
    decoder_config config;
    config.layers.resize(2);
    config.layers[1].mlp_width = 40;
    const std::vector<target_id> targets{neuron_id{1, 33}, neuron_id{1, 5}, neuron_id{1, 35}};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        random_sequence random(seed);
        const auto donors = detail::draw_donors(targets, config, random);
        REQUIRE(donors.size() == 3);
        for (const std::size_t i : {0U, 2U})
            CHECK((donors[i] >= 32 && donors[i] < 40 && donors[i] != 33 && donors[i] != 35));
        CHECK((donors[1] >= 0 && donors[1] < 32 && donors[1] != 5));
    }
    planting planted;
    planted.kind = fault_kind::replaced, planted.targets = {targets[0]}, planted.donors = {36};
    CHECK(planted.fault().fault.edits == copy({1, 33}, 36).edits);
    CHECK(planted.fault().cure.empty());
    const auto model = test::golden_model("models/llama");
    CHECK_THROWS_AS(plant_fault(model, {}, {.kind = target_kind<head_id>{}, .fault = fault_kind::replaced}), error);
}

TEST_CASE("a kind that the model lacks cannot be planted") {
    const auto model = test::golden_model("models/llama");
    const target_scores strengths(model.config());
    CHECK_THROWS_AS(detail::strongest(strengths, {.kind = target_kind<expert_id>{}}), error);
    CHECK(detail::strongest(strengths, {}).size() == 8);
}
