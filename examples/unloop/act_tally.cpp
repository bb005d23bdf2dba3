// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What several runs of act 1 say together.
#include "act_tally.hpp"

#include <boost/json.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/table.hpp>

#include <algorithm>  // all_of, any_of, count_if
#include <cstdint>    // uint64_t
#include <optional>   // what was not measured
#include <vector>     // acts

#include "line.hpp"
#include "precision.hpp"
#include "seal.hpp"

namespace tool {

namespace {

using namespace unloop;

/// Nats a token by which a mended file may diverge from the unbroken one.
constexpr double mended_divergence = 0.02;

/// One act, as far as it is told.
struct act {
    std::string seed, planted;
    std::size_t draws = 0, answers = 0;
    run_rankings rankings;
    plan chosen;
    std::vector<target_id> targets;
    std::string loops;
    std::optional<double> mended, suppressed;  ///< divergences from the unbroken model

    [[nodiscard]] bool edits_all() const {
        return std::all_of(targets.begin(), targets.end(), [&](const target_id& one) {
            return std::any_of(chosen.edits.begin(), chosen.edits.end(),
                               [&](const target_edit& edit) { return edit.target == one; });
        });
    }
    [[nodiscard]] bool is_mended() const { return mended && *mended <= mended_divergence; }
};

std::size_t loops_of(const boost::json::value& arm) {
    return arm.at("outcomes").at("loops").at("count").to_number<std::size_t>();
}
double divergence_of(const boost::json::value& arm) { return arm.at("kl").at("mean").to_number<double>(); }

act read_act(const boost::json::value& from, const std::string& where) {
    act read;
    const boost::json::value& seal = from.at("seal");
    read.seed = std::to_string(from.at("seed").to_number<std::uint64_t>());
    read.draws = from.at("draws").to_number<std::size_t>();
    read.targets = planted_targets(seal, where);
    read.planted = opened_text(seal, read.targets);
    read.chosen = plan_of(from.at("chosen"), where);
    for (const auto& [name, ranks] : from.at("ranks").as_object()) {
        ranking& added = read.rankings.emplace_back();
        added.name = std::string(name);
        added.is_baseline = added.name.starts_with("baseline ");
        for (const boost::json::value& rank : ranks.as_array()) added.ranks.push_back(rank.to_number<std::size_t>());
    }
    const boost::json::array& arms = from.at("arms").as_array();
    read.answers = arms.at(0).at("answers").to_number<std::size_t>();
    const bool is_edited = arms.size() > 3;  // nothing stands for a file that was not written
    read.loops = std::to_string(loops_of(arms.at(0))) + ", " + std::to_string(loops_of(arms.at(1))) + ", " +
                 (is_edited ? std::to_string(loops_of(arms.at(2))) : "-") + ", " +
                 std::to_string(loops_of(arms.back()));
    if (is_edited) read.mended = divergence_of(arms.at(2));
    read.suppressed = divergence_of(arms.back());
    return read;
}

/// Boost.JSON tells what it misses by exceptions of the standard library.
std::vector<act> read_acts(const boost::json::array& acts, const std::string& where) {
    std::vector<act> read;
    for (const boost::json::value& one : acts) try {
            read.push_back(read_act(one, where));
        } catch (const error&) {
            throw;
        } catch (const std::exception&) {
            throw error(file_place{where, {}, {}}, "is no document of act 1 (unloop demo --act 1 or --seeds)");
        }
    return read;
}

std::string rows_text(const std::vector<act>& acts) {
    using enum alignment;
    std::vector<table_column> columns{{"seed", right}, {"draws", right}, {"planted"}};
    for (const ranking& one : acts.front().rankings) columns.push_back({one.name});
    columns.push_back({"chosen"});
    columns.push_back({"loops of " + std::to_string(acts.front().answers) + ": unbroken, broken, mended, suppressed"});
    columns.push_back({"KL: mended", right}), columns.push_back({"suppressed", right});
    table rows(columns);
    const auto kl_text = [](const std::optional<double>& kl) { return kl ? fixed_text(*kl, 4) : "-"; };
    for (const act& one : acts) {
        std::vector<std::string> cells{one.seed, std::to_string(one.draws), one.planted};
        for (const ranking& told : acts.front().rankings) cells.push_back(ranks_text(one.rankings, told.name));
        cells.push_back(one.chosen.empty() ? "nothing" : brief(one.chosen));
        cells.insert(cells.end(), {one.loops, kl_text(one.mended), kl_text(one.suppressed)});
        rows.add(std::move(cells));
    }
    return rows.text();
}

}  // namespace

std::string tally_text(const boost::json::array& documents, const std::string& where) {
    const std::vector<act> acts = read_acts(documents, where);
    if (acts.empty()) return {};
    const auto count = [&](const auto& holds) {
        return std::to_string(std::count_if(acts.begin(), acts.end(), holds));
    };
    std::size_t draws = 0;
    for (const act& one : acts) draws += one.draws;
    std::string text = rows_text(acts) + "\nof " + std::to_string(acts.size()) + " (" + std::to_string(draws) +
                       " draws): all that was planted is edited in " +
                       count([](const act& one) { return one.edits_all(); }) + ", the divergence is at most " +
                       fixed_text(mended_divergence, 2) + " in " +
                       count([](const act& one) { return one.is_mended(); }) + ", both in " +
                       count([](const act& one) { return one.edits_all() && one.is_mended(); }) + "\n\n";
    std::vector<run_rankings> runs;
    for (const act& one : acts) runs.push_back(one.rankings);
    return text + precisions_text(runs);
}

}  // namespace tool
