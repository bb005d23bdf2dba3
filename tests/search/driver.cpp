// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The driver of searches on a small model: what it measures, what it remembers, when it stops.
#include <catch2/catch_test_macros.hpp>
#include <unloop/report/search_journal_json.hpp>
#include <unloop/report/search_json.hpp>
#include <unloop/search/any_strategy.hpp>
#include <unloop/search/search.hpp>

#include <map>
#include <utility>

#include "io/scratch_folder.hpp"
#include "support/any_model.hpp"

namespace {

using namespace unloop;

/// Remembers, and counts.
struct notebook {
    std::map<std::string, tried_plan> pages;
    std::size_t kept = 0, found = 0;

    static std::string key(const plan& edited, std::size_t probes) {
        return std::to_string(probes) + boost::json::serialize(edits_to_json(edited));
    }
    std::optional<tried_plan> find(const plan& edited, std::size_t probes) {
        const auto page = pages.find(key(edited, probes));
        found += page == pages.end() ? 0 : 1;
        return page == pages.end() ? std::nullopt : std::optional(page->second);
    }
    void keep(const plan& edited, std::size_t probes, const tried_plan& tried) {
        pages[key(edited, probes)] = tried;
        ++kept;
    }
};

struct small_search {
    test::any_model model = test::golden_model();
    probe_suite suite{"s", data_role::select, {}};
    std::vector<forced_text> texts{{"t", {5, 9, 17, 33, 8, 40}, 2}};
    localization found;
    search_options options{.answers = {.max_tokens = 30, .is_chat = false}, .most_plans = 12};

    small_search() {
        for (const char* prompt : {"the loop", "a th", "in re", "on it"})
            suite.probes.push_back({prompt, prompt, {}, {}, probe_class::list});
        for (int i = 0; i < 6; ++i) {
            const target_factor edit{neuron_id{i % 3, 7 * i}, i % 2 == 0 ? -1.0F : 0.0F};
            found.free.push_back({edit, 1}), found.exact.push_back({edit, 1, 0, 0});
        }
    }
    template <class Strategy, class Memory = no_search_memory>
    search_result run(const Strategy& strategy, Memory&& memory = {},
                      const search_budget& budget = search_budget::unlimited()) const {
        return search(model, found, suite, texts, strategy, budget, options, no_progress{}, memory);
    }
};

/// Everything that a result says.
std::string told(const search_result& result) { return boost::json::serialize(to_json(result)); }

}  // namespace

TEST_CASE("a trial is what measuring its plan alone says", "[search]") {
    const small_search game;
    const search_result result = game.run(greedy_combinations{});
    REQUIRE(!result.trials.empty());
    const trial& tried = result.trials[1];
    const std::vector<arm> arms{{"as shipped", nullptr}, {"edited", &tried.edit}};
    const auto answers = answer_suite(game.model, game.suite, arms, game.options.answers);
    const measurement alone = measure("edited", game.suite, answers[1].answers, answers[0].answers);
    CHECK(tried.measured.outcomes == alone.outcomes);
    CHECK(tried.measured.tokens == alone.tokens);
    CHECK(tried.healthy == token_divergence(game.model, tried.edit, game.texts));
    CHECK(tried.weights == tried.edit.size() * game.model.config().hidden);
    CHECK(told(result) == told(game.run(greedy_combinations{})));
    REQUIRE(result.noise);
    CHECK(result.noise->plans == result.trials.size());
    CHECK(!result.front.empty());
}

TEST_CASE("copying is measured where the budget limits what may be lost", "[search]") {
    const small_search game;
    search_budget budget = search_budget::unlimited();
    budget.copying = 0.03;
    notebook memory;
    const search_result result = game.run(greedy_combinations{}, memory, budget);
    const auto random_tokens = repeated_random_tokens(game.model);
    REQUIRE(result.copying);
    CHECK(*result.copying == score_predictions(game.model, nullptr, random_tokens).accuracy.mean);
    for (const trial& tried : result.trials) {
        const double copied = score_predictions(game.model, &tried.edit, random_tokens).accuracy.mean;
        CHECK(tried.copying_lost == *result.copying - copied);
        CHECK(tried.within_budget == (tried.copying_lost <= 0.03));
    }
    CHECK(told(game.run(greedy_combinations{}, memory, budget)) == told(result));
    const search_result unlimited = game.run(greedy_combinations{});
    CHECK(!unlimited.copying);
    CHECK(unlimited.trials.front().copying_lost == 0);
}

TEST_CASE("plans on a part of the suite are never the best, and cost their part", "[search]") {
    const small_search game;
    successive_halving strategy;
    strategy.first_probes = 1;
    const search_result result = game.run(strategy);
    std::size_t asked = 0;
    for (const trial& tried : result.trials) asked += tried.measured.answers.size();
    CHECK(asked == 12 * 4);  // 16 plans on one prompt, 8 on two, 4 on all
    CHECK(result.trials.front().is_partial);
    CHECK(result.trials.front().measured.answers.size() == 1);
    CHECK(result.trials.size() > 12);
    REQUIRE(result.fewest_loops);
    CHECK_FALSE(result.trials[*result.fewest_loops].is_partial);
    REQUIRE(result.noise);
    CHECK(result.noise->plans == 16);  // those that left early took part in the choice
}

TEST_CASE("what is remembered is not measured again, and changes nothing", "[search]") {
    const small_search game;
    const std::string plain = told(game.run(greedy_combinations{}));
    notebook memory;
    CHECK(told(game.run(greedy_combinations{}, memory)) == plain);
    const std::size_t kept = memory.kept;
    CHECK(kept == 1 + 12);
    CHECK(told(game.run(greedy_combinations{}, memory)) == plain);
    CHECK(memory.kept == kept);
    CHECK(memory.found == kept);
}

TEST_CASE("a search stops when its time is over", "[search]") {
    small_search game;
    game.options.most_seconds = 0;
    const search_result result = game.run(greedy_combinations{});
    CHECK(result.out_of_time);
    CHECK(result.trials.empty());
    CHECK_FALSE(result.noise);
}

TEST_CASE("null edits are measured beside the trials", "[search]") {
    small_search game;
    game.options.most_plans = 3, game.options.null_edits = 4;
    const search_result result = game.run(greedy_combinations{});
    REQUIRE(result.null_edits.size() == 4);
    for (const trial& one : result.null_edits) CHECK(one.healthy.mean < 1e-3);
    CHECK(result.noise->loops_null.size() == 4);
    CHECK(result.trials.size() == 3);
}

TEST_CASE("a search that was killed resumes from its journal, a torn last line or not", "[search]") {
    const small_search game;
    const test::scratch_folder folder;
    const std::string path = folder.file("journal");
    const boost::json::object of{{"model", "small"}};
    const std::string plain = told(game.run(any_strategy::named("evolution")));
    {
        search_journal journal(path, of);
        CHECK(told(game.run(any_strategy::named("evolution"), journal)) == plain);
        CHECK_THROWS_AS(search_journal(path, of), error);  // in use
    }
    const test::byte_vector whole = test::read_file(path);
    for (const double share : {0.2, 0.5, 0.77, 1.0}) {
        test::write_file(path,
                         std::span(whole).first(static_cast<std::size_t>(share * static_cast<double>(whole.size()))));
        std::size_t known = 0;
        {
            search_journal journal(path, of);
            known = journal.size();
            CHECK((share < 1 ? known < 13 : known == 13));
            CHECK(told(game.run(any_strategy::named("evolution"), journal)) == plain);
        }
        CHECK(search_journal(path, of).size() == 13);
    }
    CHECK_THROWS_AS(search_journal(path, boost::json::object{{"model", "another"}}), error);
}
