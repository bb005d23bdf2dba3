// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The line from a looping model to an edited file.
#include "line.hpp"

#include <boost/json.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/plan_json.hpp>
#include <unloop/edit/receipt_json.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/sha256.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/search_journal_json.hpp>
#include <unloop/report/search_json.hpp>
#include <unloop/report/value_journal_json.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/surprise_descent.hpp>

#include <cmath>        // isinf
#include <type_traits>  // is_same_v
#include <vector>       // texts

#include "any_model.hpp"
#include "console.hpp"
#include "estimates.hpp"
#include "flags.hpp"
#include "optional_journal.hpp"
#include "origin_json.hpp"
#include "suites.hpp"

namespace tool {

namespace {

using namespace unloop;

void write_text(const std::string& path, const std::string& text, mode_t mode = 0666) {
    atomic_file file(path, mode);
    file.write_at(0, std::as_bytes(std::span(text)));
    file.commit();
}

/// A search without a limit to the divergence is one in a broken model, whose own answers are no measure of health.
template <class Model>
std::vector<forced_text> healthy_texts(const Model& model, const repair_request& request, progress_bar& bar) {
    if (request.budget.is_unlimited()) return repair_texts(model, data_role::select);
    return open_texts_and_answers(model, data_role::select, request.search.texts.threads, bar).healthy;
}

std::string texts_hash(std::span<const forced_text> texts) {
    boost::json::array tokens;
    for (const forced_text& text : texts) tokens.push_back(json_list(text.tokens));
    return json_hash(tokens);
}

/// What a measured plan depends on beside itself.
boost::json::object conditions_of(const repair_request& request, std::span<const forced_text> texts,
                                  const any_checkpoint& file) {
    boost::json::object made = conditions(file, request.select);
    made["texts_sha256"] = texts_hash(texts);
    made["max_tokens"] = request.search.answers.max_tokens;
    made["copying"] = !std::isinf(request.budget.copying);
    return made;
}

/// What the loops under a fault depend on beside itself.
boost::json::object conditions_of(const plant_request& request, const any_checkpoint& file) {
    boost::json::object made = conditions(file, request.suite);
    made["max_tokens"] = request.options.max_tokens;
    return made;
}

/// What localisation, descent and gains depend on besides: what they keep in the journal begins with this, so that
/// measured plans stay known to a search that explains other prompts.
template <class Model>
std::string fit_conditions(const Model& model, const repair_request& request) {
    return json_hash(boost::json::object{{"prompts_sha256", prompts_hash(request.fit)},
                                         {"texts_sha256", texts_hash(repair_texts(model, data_role::fit))},
                                         {"most_runs", request.localize.most_runs},
                                         {"targets", names_of(request.localize.kinds)},
                                         {"gain_targets", request.gain_targets}}) +
           " ";
}

/// Gains are fitted to answers to the prompts that are explained; every fourth prompt and text is held out.
template <class Model>
gain_data data_of_gains(const Model& model, const repair_request& request) {
    gain_data data;
    for (std::size_t i = 0; auto& prompt : encode_suite(model, request.fit))
        (i++ % 4 == 3 ? data.held_out : data.prompts).push_back(prompt);
    for (std::size_t i = 0; auto& text : open_texts(model, data_role::fit).healthy)
        (i++ % 4 == 3 ? data.held_out_texts : data.texts).push_back(text);
    return data;
}

/// What healthy texts tell of a broken model; a model that brings its own may have too few of them.
template <class Model, class Memory>
std::vector<descent_step> descend(const Model& model, const repair_request& request,
                                  std::span<const forced_text> held_out, progress_bar& bar, Memory& memory) {
    const std::vector<forced_text> texts = repair_texts(model, data_role::fit);
    if (texts.empty() || held_out.size() < 2) return {};
    return surprise_descent(model, texts, held_out, {.kinds = request.localize.kinds, .texts = request.search.texts},
                            bar, memory);
}

/// Where the strategy proposes gains.
template <class Model, class Memory>
std::optional<gain_schedule> learn(any_strategy& strategy, const Model& model, const repair_request& request,
                                   double most_seconds, progress_bar& bar, Memory& memory) {
    std::optional<gain_schedule> learned;
    strategy.visit([&]<class Strategy>(Strategy& chosen) {
        if constexpr (std::is_same_v<Strategy, learned_gains>) {
            const gain_data data = data_of_gains(model, request);
            gain_options options;
            options.kinds = request.localize.kinds;
            options.most_targets = request.gain_targets;
            options.most_seconds = most_seconds;
            options.generation.max_tokens = request.search.answers.max_tokens;
            options.generation.threads = request.search.answers.threads;
            bar.wipe();
            print(describe(cost_of_gains(model.config(), data, options)), stderr);
            thread_pool pool(request.search.answers.threads);
            learned = learn_gains(model, data, options, pool, bar, memory);
            chosen.schedule = *learned;
            chosen.fitted = true;  // factors near 1 are exact as 1: rounding alone would leave next to nothing
        }
    });
    return learned;
}

}  // namespace

sealed_fault plant_and_seal(const plant_request& request, const boost::json::object& origin) {
    const any_model loaded = load_model(request.model);
    progress_bar bar;
    optional_journal<value_journal> journal;
    if (!request.journal.empty()) journal.file.emplace(request.journal, conditions_of(request, loaded.file()));
    sealed_fault sealed{plant_fault(loaded, request.suite, request.options, bar, journal), {}};
    const receipt done = apply(sealed.planted.fault().fault, loaded.file(), request.out, {}, bar);
    boost::json::object answer = to_json(sealed.planted);
    if (sealed.planted.fault().cure.empty()) answer["receipt"] = to_json(done);
    answer["origin"] = origin;
    const std::string text = json_line(answer);
    write_text(request.seal, text, 0600);
    sealed.sha256 = sha256_hex(std::as_bytes(std::span(text)));
    return sealed;
}

repair repair_model(const repair_request& request, const boost::json::object& origin) {
    const time_limit limit(request.search.most_seconds);
    const any_model loaded = load_model(request.model);
    progress_bar bar;
    const std::vector<forced_text> texts = healthy_texts(loaded, request, bar);
    // Opened first: a journal of another search is refused before anything is computed.
    optional_journal<search_journal> journal;
    if (!request.journal.empty()) journal.file.emplace(request.journal, conditions_of(request, texts, loaded.file()));
    prefixed_memory memory(journal, journal.file ? fit_conditions(loaded, request) : std::string());
    bar.wipe();
    print(method_estimate(loaded.config(), encode_suite(loaded, request.fit), request.localize), stderr);
    repair done{localize(loaded, request.fit, request.localize, bar, memory), {}, {}, {}, {}};
    if (done.found.free.empty()) return done;
    if (request.budget.is_unlimited()) done.found.descent = descend(loaded, request, texts, bar, memory);
    any_strategy strategy = request.strategy;
    if (!limit.is_over()) done.gains = learn(strategy, loaded, request, limit.left(), bar, memory);
    search_options how = request.search;
    if (journal.file) how.plans_at_once = 4;  // what a killed search measures again
    how.most_seconds = limit.left();
    done.searched = search(loaded, done.found, request.select, texts, strategy, request.budget, how, bar, journal);
    if (how.most_seconds < 0) done.searched->out_of_time = true;  // gains that were not learned propose nothing
    if (!done.searched->best) return done;
    done.chosen = done.searched->trials[*done.searched->best].edit;
    if (!request.plan_out.empty()) {
        const plan_document document{*done.chosen, fingerprint_of(*done.chosen, loaded.file()), origin};
        write_text(request.plan_out, json_line(to_json(document)));
    }
    if (!request.out.empty()) done.written = apply(*done.chosen, loaded.file(), request.out, {}, bar);
    return done;
}

localization localize_model(const std::string& model, const probe_suite& suite, const localize_options& options) {
    const any_model loaded = load_model(model);
    progress_bar bar;
    return localize(loaded, suite, options, bar);
}

}  // namespace tool
