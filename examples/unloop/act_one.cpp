// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Act 1: a known fault, found by a process that does not know it.
#include <boost/json.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/plan_json.hpp>
#include <unloop/edit/receipt_json.hpp>
#include <unloop/report/measurement_json.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/table.hpp>

#include <algorithm>   // find, rotate
#include <filesystem>  // create_directories

#include "acts.hpp"
#include "any_model.hpp"
#include "console.hpp"
#include "flags.hpp"
#include "line.hpp"
#include "origin_json.hpp"
#include "process.hpp"
#include "result_table.hpp"
#include "seal.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

/// Place of the planted target among those of its kind in a list, from 1; 0 when it is not in it.
std::size_t rank_in(const boost::json::value& targets, const target_id& planted) {
    std::size_t rank = 0;
    for (const boost::json::value& one : targets.as_array()) {
        const target_id target = target_from_json(one, "the search");
        rank += target.index() == planted.index() ? 1 : 0;
        if (target == planted) return rank;
    }
    return 0;
}

boost::json::array ranks_in(const boost::json::value& targets, std::span<const target_id> planted) {
    boost::json::array ranks;
    for (const target_id& one : planted) ranks.push_back(boost::json::value(rank_in(targets, one)));
    return ranks;
}

/// Rank of each planted target in every ranking of a localisation.
boost::json::object ranks_of(const boost::json::value& localization, std::span<const target_id> planted) {
    boost::json::object ranks;
    for (const boost::json::value& method : localization.at("methods").as_array()) {
        const std::string name((method.at("baseline").as_bool() ? "baseline " : "") +
                               std::string(method.at("name").as_string()));
        ranks[name] = ranks_in(method.at("targets"), planted);
    }
    ranks["exact change"] = ranks_in(localization.at("exact"), planted);
    ranks["healthy texts"] = ranks_in(localization.at("descent"), planted);
    ranks["free generation"] = ranks_in(localization.at("targets"), planted);
    return ranks;
}

std::string text_of(const boost::json::object& ranks) {
    table rows({{"ranking"}, {"rank of what was planted", alignment::right}});
    for (const auto& [name, own] : ranks) {
        std::string cell;
        for (const boost::json::value& rank : own.as_array())
            cell += (cell.empty() ? "" : ", ") +
                    (rank.as_uint64() == 0 ? std::string("not listed") : std::to_string(rank.as_uint64()));
        rows.add({std::string(name), cell});
    }
    return rows.text();
}

/// Mean negative log-likelihood, under the unbroken model, of what looping answers say before they loop.
template <class Model>
std::optional<double> surprise_before_loops(const Model& unbroken, std::span<const record> answers) {
    std::vector<forced_text> texts;
    for (const record& answer : answers) {
        const auto loop = find_loop(periodic_loop(128, evidence_at_cut), answer.tokens);
        const auto end = loop ? static_cast<std::size_t>(loop->start + loop->period) : std::size_t{0};
        if (end < 4) continue;
        record before = answer;
        before.tokens.resize(end);
        texts.push_back(force(before));
    }
    if (texts.empty()) return std::nullopt;
    return score_predictions(unbroken, nullptr, texts).surprise.mean;
}

/// The files of the act.
struct act_files {
    std::string unbroken, decoyed, broken, seal, mended, plan, search, restored;
    explicit act_files(const demo_options& options)
        : unbroken(options.model),
          decoyed(options.copy("decoyed")),
          broken(options.copy("broken")),
          seal(options.folder + "/seal.json"),
          mended(options.copy("mended")),
          plan(options.folder + "/mended.plan.json"),
          search(options.folder + "/search.json"),
          restored(options.copy("restored")) {
        for (const std::string& copy : {decoyed, broken, mended, restored}) std::filesystem::remove_all(copy);
    }
};

/// What the act tells in the end.
struct measured_files {
    std::vector<measurement> rows;
    std::optional<double> surprise;  ///< of the broken model's text before its loops
};

/// Unbroken, broken, mended and suppressed, on questions that nothing was chosen on.
measured_files measure_files(const demo_options& options, const act_files& files, bool is_mended,
                             std::span<const target_id> planted) {
    const plan suppression = suppress(planted);
    const probe_suite suite = act_one_suite("report", options.model);
    const answer_options how{.max_tokens = options.easy_tokens, .threads = options.threads};
    progress_bar bar;
    const any_model unbroken = load_model(files.unbroken);
    const side_effect_texts texts = open_texts_and_answers(unbroken, data_role::report, options.threads, bar);
    const std::vector<arm> arms{
        {"unbroken", nullptr},
        {"planted " + std::string(name_of(options.kind)) + (options.culprits == 1 ? "" : "s") + " suppressed",
         &suppression}};
    comparison compared = compare_arms(unbroken, suite, arms, texts, how, greedy{}, bar);
    std::vector<std::pair<std::string, any_model>> edited;
    edited.emplace_back("broken", load_model(files.broken));
    if (is_mended) edited.emplace_back("mended by the search", load_model(files.mended));
    std::vector<stored_arm<any_model>> stored;
    for (const auto& [name, model] : edited) stored.push_back({name, &model});
    add_edited(compared, unbroken, suite, std::span<const stored_arm<any_model>>(stored), texts, how, bar);
    std::rotate(compared.arms.begin() + 1, compared.arms.begin() + 2, compared.arms.end());
    return {std::move(compared.arms), surprise_before_loops(unbroken, compared.answers[2])};
}

/// Decoys are no fault: what is unbroken is a copy that has them, where there are any.
void leave_decoys(act_files& files, const planting& planted) {
    if (planted.decoys.empty()) return;
    apply(planted.decoy_fault(planted.decoys).fault, open(files.unbroken), files.decoyed);
    files.unbroken = files.decoyed;
}

/// Tells what is about to be planted, plants it and seals the answer.
sealed_fault plant_fault_of(const demo_options& options, const act_files& files, const context& shared) {
    const bool is_one = options.culprits == 1;
    options.tell("\nAct 1. A known fault\n\nplant      " +
                 (is_one ? std::string("one") : std::to_string(options.culprits)) + " " +
                 std::string(name_of(options.kind)) + (is_one ? " of a copy is " : "s of a copy are ") +
                 std::string(name_of(options.fault)) + ", until half of the easy questions loop\n");
    sealed_fault sealed = plant_and_seal({options.model,
                                          act_one_suite("fit", options.model),
                                          {.seed = options.seed,
                                           .max_tokens = options.easy_tokens,
                                           .threads = options.threads,
                                           .most_draws = options.most_draws,
                                           .kind = options.kind,
                                           .fault = options.fault,
                                           .culprits = options.culprits,
                                           .decoys = options.decoys},
                                          files.broken,
                                          files.seal,
                                          options.journal},
                                         origin(shared));
    options.tell(describe(sealed, files.broken, files.seal));
    return sealed;
}

/// The document of `unloop search` on the broken file.
boost::json::value repair_blindly(const demo_options& options, const act_files& files) {
    options.tell("\nrepair     a process of its own gets the broken file alone\n");
    const auto text = [](std::size_t number) { return std::to_string(number); };
    run_tool({"search",       "--no-budget",
              "--model",      files.broken,
              "--fit",        act_one_suite_name("fit", options.model),
              "--select",     act_one_suite_name("select", options.model),
              "--method",     "gradient_x_activation",
              "--heads",      text(options.heads),
              "--targets",    names_of(options.kinds),
              "--max-tokens", text(options.easy_tokens),
              "--most-plans", text(options.most_plans),
              "--threads",    text(options.threads),
              "--out",        files.mended,
              "--plan-out",   files.plan,
              "--json"},
             files.search);
    return read_json(files.search);
}

/// Whether what the seal knows to be the cure gives the bytes of the unbroken model.
bool restores_every_byte(const demo_options& options, const act_files& files, const boost::json::value& seal) {
    if (const boost::json::value* const written = seal.as_object().if_contains("receipt"))
        undo(parse_receipt(boost::json::serialize(*written), files.seal), files.broken, files.restored);
    else
        apply(plan_of(seal.at("cure"), files.seal), open(files.broken), files.restored);
    return content_hash(open(files.restored)) == content_hash(open(options.model));
}

}  // namespace

boost::json::object act_one(const demo_options& options, const context& shared) {
    act_files files(options);
    std::filesystem::create_directories(options.folder);
    const sealed_fault sealed = plant_fault_of(options, files, shared);
    const boost::json::value search = repair_blindly(options, files);
    const plan chosen = plan_of(search.at("chosen"), "the search");
    options.tell("chosen     " + (chosen.empty() ? std::string("nothing") : brief(chosen)) + "\n");

    const boost::json::value seal = read_json(files.seal);
    const std::vector<target_id> planted = planted_targets(seal, files.seal);
    const boost::json::object ranks = ranks_of(search.at("localization"), planted);
    options.tell("\nseal opened: " + opened_text(seal, planted) + "\n" + text_of(ranks));
    const bool is_identical = restores_every_byte(options, files, seal);
    leave_decoys(files, sealed.planted);
    const auto [rows, surprise] = measure_files(options, files, !chosen.empty(), planted);
    options.tell("\n" + result_table(rows) + "KL is that of the unbroken model" +
                 (sealed.planted.decoys.empty() ? "" : ", which has the decoys as well") +
                 ". The exact inverse gives a file that " +
                 (is_identical ? "is byte for byte the unbroken one" : "DIFFERS from the unbroken one") + ".\n");
    const bool is_found =
        !chosen.empty() && std::find(planted.begin(), planted.end(), chosen.edits.front().target) != planted.end();
    boost::json::array arms;
    for (const measurement& row : rows) arms.push_back(to_json(row));
    boost::json::object document{{"seed", options.seed},
                                 {"seal", seal},
                                 {"seal_sha256", sealed.sha256},
                                 {"draws", sealed.planted.draws.size()},
                                 {"chosen", edits_to_json(chosen)},
                                 {"found", is_found},
                                 {"ranks", ranks},
                                 {"exact_inverse_is_byte_identical", is_identical},
                                 {"arms", std::move(arms)}};
    if (surprise) {
        options.tell("Text before the loops of the broken model: " + fixed_text(*surprise, 2) +
                     " nats a token under the unbroken model.\n");
        document["surprise_before_loops"] = *surprise;
    }
    return document;
}

}  // namespace tool
