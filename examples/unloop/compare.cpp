// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Attribution methods compared with exact ablation on a model's loops.
#include "compare.hpp"

#include <boost/json.hpp>
#include <unloop/attribute/any_objective.hpp>
#include <unloop/attribute/compare_methods.hpp>
#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/edit/edit_json.hpp>
#include <unloop/io/strict_json.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/table.hpp>
#include <unloop/report/value_journal_json.hpp>
#include <unloop/search/looping_runs.hpp>

#include "any_model.hpp"
#include "console.hpp"
#include "estimates.hpp"
#include "optional_journal.hpp"
#include "origin_json.hpp"
#include "seal.hpp"

namespace tool {

namespace {

using namespace unloop;

/// A seal is one target, or holds several as "targets".
std::vector<target_id> planted_in(const std::string& seal) {
    const boost::json::value document = read_json(seal);
    const boost::json::object* const object = document.if_object();
    const boost::json::value* const list = object == nullptr ? nullptr : object->if_contains("targets");
    if (list == nullptr || !list->is_array()) return {target_from_json(document, seal)};
    return planted_targets(document, seal);
}

std::string text_of(const std::optional<double>& value) { return value ? fixed_text(*value, 2) : "-"; }

/// One kind of target: a method a line.
std::string kind_text(const compared_model& compared, const compare_options& options, std::size_t kind) {
    using enum alignment;
    std::vector<table_column> columns{{"method"},
                                      {"seconds", right},
                                      {"MiB", right},
                                      {"Spearman", right},
                                      {"of sizes", right},
                                      {"top " + std::to_string(options.top), right},
                                      {"without a prompt", right},
                                      {"same sign", right}};
    if (!compared.planted.empty())
        for (const char* title : {"at 1", "at 3", "at 10"}) columns.push_back({title, right});
    table rows(columns);
    std::string title;
    for (const method_comparison& method : compared.found.methods)
        for (const kind_agreement& agreement : method.kinds) {
            if (agreement.kind.index() != kind) continue;
            title = std::string(name_of(agreement.kind)) + "s";
            std::vector<std::string> cells{(method.role == method_role::baseline ? "baseline " : "") + method.name,
                                           fixed_text(method.seconds, 1),
                                           fixed_text(static_cast<double>(method.bytes) / (1 << 20), 0),
                                           text_of(agreement.signed_ranks),
                                           text_of(agreement.sizes),
                                           fixed_text(agreement.overlap, 2),
                                           text_of(agreement.without_a_prompt),
                                           text_of(agreement.same_sign)};
            if (!compared.planted.empty())
                for (const std::size_t count : {1U, 3U, 10U})
                    cells.push_back(fixed_text(method.precision_at(count), 2));
            rows.add(std::move(cells));
        }
    return title.empty() ? title : "\n" + title + "\n" + rows.text();
}

/// How methods agree in each layer: the name of what is told, and where it stands.
struct layer_agreement {
    std::string name;
    std::vector<std::optional<double>> kind_agreement::*by_layer;
};

/// One kind of target by layer, a method a column.
std::string layers_text(const method_comparisons& found, std::size_t kind, const layer_agreement& told) {
    std::vector<table_column> columns{{"layer", alignment::right}};
    std::vector<const kind_agreement*> agreements;
    for (const method_comparison& method : found.methods)
        for (const kind_agreement& agreement : method.kinds)
            if (agreement.kind.index() == kind) {
                columns.push_back({method.name, alignment::right});
                agreements.push_back(&agreement);
            }
    if (agreements.empty()) return {};
    table rows(columns);
    for (std::size_t l = 0; l < (agreements.front()->*told.by_layer).size(); ++l) {
        std::vector<std::string> cells{std::to_string(l)};
        for (const kind_agreement* const agreement : agreements)
            cells.push_back(text_of((agreement->*told.by_layer)[l]));
        rows.add(std::move(cells));
    }
    return "\n" + told.name + " by layer, " + std::string(name_of(agreements.front()->kind)) + "s\n" + rows.text();
}

/// What scores and effects depend on besides runs and methods.
boost::json::object conditions_of(const compare_request& request, const any_checkpoint& file) {
    boost::json::object made = conditions(file, request.suite);
    made["max_tokens"] = request.localize.max_tokens;
    made["most_runs"] = request.localize.most_runs;
    made["drawn"] = request.compare.drawn;
    made["costly"] = request.compare.costly;
    made["evaluations"] = request.compare.evaluations;
    made["best"] = request.compare.best;
    made["seed"] = request.compare.seed;
    made["objective"] = request.objective;
    made["positions"] = request.compare.positions.chosen();
    return made;
}

template <class Model>
std::vector<token_id> tokens_that_end(const Model& model) {
    std::vector<token_id> ends;
    for (std::size_t id = 0; id < model.config().vocabulary; ++id)
        if (model.tokenizer().ends_answer(static_cast<token_id>(id))) ends.push_back(static_cast<token_id>(id));
    return ends;
}

/// What a gradient of the costliest run takes, told before any is computed.
std::string estimate_text(const decoder_config& config, std::span<const recorded_run> runs) {
    backward_cost most;
    for (const recorded_run& run : runs)
        if (const backward_cost cost = gradient_cost(config, run); cost.bytes > most.bytes) most = cost;
    return "a gradient over the longest loop takes " + describe(most) + "\n";
}

}  // namespace

compared_model compare_model(const compare_request& request) {
    const any_model model = load_model(request.model);
    progress_bar bar;
    compared_model compared;
    const any_objective objective = any_objective::named(request.objective, tokens_that_end(model));
    optional_journal<value_journal> journal;  // opened first: another one is refused before anything is computed
    if (!request.journal.empty()) journal.file.emplace(request.journal, conditions_of(request, model.file()));
    if (!request.seal.empty()) compared.planted = planted_in(request.seal);
    thread_pool pool(request.localize.threads);
    const looping_runs looping = record_loops(model, request.suite,
                                              {.max_tokens = request.localize.max_tokens,
                                               .batch = request.localize.batch,
                                               .threads = request.localize.threads},
                                              request.localize.most_runs, pool, bar);
    compared.answers = looping.answers;
    compared.looping = looping.prompts.size();
    compared.explained = looping.runs.size();
    if (looping.runs.empty()) return compared;
    bar.wipe();
    print(estimate_text(model.config(), looping.runs), stderr);
    compared.found = compare_methods(model, std::span<const recorded_run>(looping.runs), objective, pool,
                                     request.compare, compared.planted, journal, bar);
    return compared;
}

std::string describe(const compared_model& compared, const compare_options& options) {
    std::string text = std::to_string(compared.looping) + " of " + std::to_string(compared.answers) +
                       " answers loop, " + std::to_string(compared.explained) + " explained\n";
    const method_comparisons& found = compared.found;
    if (found.methods.empty()) return text;
    text += "exact ablation of " + std::to_string(found.tried.size()) +
            " targets: " + fixed_text(found.exact_seconds, 1) + " s, " +
            fixed_text(static_cast<double>(found.exact_bytes) / (1 << 20), 0) + " MiB\n";
    for (std::size_t kind = 0; kind < std::variant_size_v<target_id>; ++kind)
        text += kind_text(compared, options, kind);
    for (std::size_t kind = 0; kind < std::variant_size_v<target_id>; ++kind)
        for (const layer_agreement& told :
             {layer_agreement{"Spearman", &kind_agreement::signed_ranks_by_layer},
              layer_agreement{"Spearman of sizes", &kind_agreement::sizes_by_layer},
              layer_agreement{"top " + std::to_string(options.top), &kind_agreement::overlap_by_layer}})
            text += layers_text(found, kind, told);
    return text;
}

}  // namespace tool
