// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// How high rankings of many runs place what was planted.
#include "precision.hpp"

#include <boost/json.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/core/error.hpp>
#include <unloop/report/table.hpp>

#include <algorithm>  // copy_if, find, min, none_of
#include <iterator>   // back_inserter

namespace tool {

namespace {

using namespace unloop;

std::span<const std::size_t> ranks_in(const run_rankings& run, const std::string& name) {
    for (const ranking& one : run)
        if (one.name == name) return one.ranks;
    return {};
}

bool baselines_miss(const run_rankings& run) {
    return std::none_of(run.begin(), run.end(), [](const ranking& one) {
        return one.is_baseline && std::find(one.ranks.begin(), one.ranks.end(), 1) != one.ranks.end();
    });
}

/// No more than `most` of a run's planted targets can be among the first `most`.
std::string precision_text(std::span<const run_rankings> runs) {
    table rows({{"ranking"}, {"first"}, {"among 3"}, {"among 10"}});
    for (const ranking& told : runs.front()) {
        std::vector<std::string> cells{told.name};
        for (const std::size_t most : {1U, 3U, 10U}) {
            std::size_t hits = 0, all = 0;
            for (const run_rankings& run : runs) {
                const std::span<const std::size_t> ranks = ranks_in(run, told.name);
                all += std::min(most, ranks.size());
                for (const std::size_t rank : ranks) hits += rank >= 1 && rank <= most;
            }
            cells.push_back(std::to_string(hits) + "/" + std::to_string(all));
        }
        rows.add(std::move(cells));
    }
    return rows.text();
}

run_rankings read_comparison(const boost::json::value& from) {
    run_rankings run;
    for (const boost::json::value& method : from.at("methods").as_array()) {
        if (method.at("kinds").as_array().empty()) continue;  // scores nothing that the model has
        const bool is_baseline = method.at("role").as_string() == name_of(method_role::baseline);
        ranking& added = run.emplace_back();
        added.name = (is_baseline ? "baseline " : "") + std::string(method.at("name").as_string());
        added.is_baseline = is_baseline;
        added.ranks = boost::json::value_to<std::vector<std::size_t>>(method.at("ranks"));
    }
    return run;
}

}  // namespace

std::string ranks_text(const run_rankings& run, const std::string& name) {
    std::string text;
    for (const std::size_t rank : ranks_in(run, name))
        text += (text.empty() ? "" : ", ") + (rank == 0 ? "-" : std::to_string(rank));
    return text;
}

std::string precisions_text(std::span<const run_rankings> runs) {
    if (runs.empty()) return {};
    std::string text = precision_text(runs);
    std::vector<run_rankings> hard;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(hard), baselines_miss);
    if (!hard.empty())
        text += "\nthe " + std::to_string(hard.size()) + " in which no baseline ranks a planted target first\n" +
                precision_text(hard);
    return text;
}

std::string comparisons_text(const boost::json::array& documents, const std::string& where) {
    std::vector<run_rankings> runs;
    for (const boost::json::value& one : documents) try {
            runs.push_back(read_comparison(one));
        } catch (const std::exception&) {  // of Boost.JSON, for what it misses
            throw error(file_place{where, {}, {}}, "is no comparison with a seal (unloop localize --compare --seal)");
        }
    if (runs.empty()) return {};
    std::vector<table_column> columns{{"run", alignment::right}};
    for (const ranking& told : runs.front()) columns.push_back({told.name});
    table rows(columns);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::vector<std::string> cells{std::to_string(i + 1)};
        for (const ranking& told : runs.front()) cells.push_back(ranks_text(runs[i], told.name));
        rows.add(std::move(cells));
    }
    return rows.text() + "\n" + precisions_text(runs);
}

}  // namespace tool
