// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The law of a model that runs: greedy output has the same bits whatever the batch, the chunk of prompts, the threads
// and what rows share. A function that names what is broken; it needs no test framework, but a model.
#ifndef UNLOOP_LAWS_INVARIANCE_HPP
#define UNLOOP_LAWS_INVARIANCE_HPP

#include <unloop/core/random.hpp>
#include <unloop/generate/generate.hpp>

#include <algorithm>  // find, max_element
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <string>     // names of broken laws
#include <vector>     // prompts, broken laws

namespace laws {

/// What a model is tried with. The first prompt is as long as the largest chunk and a little more, the others are
/// short; every third begins like the one before it.
struct invariance_claims {
    std::size_t prompts = 64;
    std::size_t max_tokens = 6;
    std::vector<std::size_t> batches{1, 7, 64};
    std::vector<std::size_t> chunks{1, 65, 512};
    std::vector<std::size_t> threads{3, 8};
    unloop::key_value_format keys_and_values = unloop::key_value_format::f32;
};

namespace detail {

/// Reads, and so keeps rows from sharing.
struct keeps_rows_apart {
    void operator()(unloop::sites::logits, const unloop::tap_place&, unloop::matrix_view) const noexcept {}
};

inline std::vector<std::vector<unloop::token_id>> invariance_prompts(const invariance_claims& claims,
                                                                     std::size_t vocabulary) {
    std::vector<std::vector<unloop::token_id>> prompts;
    for (std::uint64_t i = 0; i < claims.prompts; ++i) {
        unloop::random_sequence random(i);
        const std::size_t longest = *std::max_element(claims.chunks.begin(), claims.chunks.end());
        std::vector<unloop::token_id> one(i == 0 ? longest + 3 : 1 + random.below(20));
        for (unloop::token_id& token : one) token = static_cast<unloop::token_id>(random.below(vocabulary));
        if (i % 3 == 2) one.insert(one.begin(), prompts.back().begin(), prompts.back().end());
        prompts.push_back(one);
    }
    return prompts;
}

template <class Model, class Tap>
std::vector<unloop::record> greedy_records(const Model& model,
                                           const std::vector<std::vector<unloop::token_id>>& prompts,
                                           unloop::generation_options options, Tap tap) {
    options.log_probabilities = true;
    options.stop_at_end_token = false;
    return unloop::generate_all(model, prompts, options, unloop::greedy{}, unloop::never_stop{}, tap);
}

}  // namespace detail

/// The broken laws of `model`, which is what `generate_all` takes; empty if it keeps them all. Tokens and the bits of
/// their log-probabilities are compared with those of one prompt after the other, each in one pass, on one thread.
template <class Model>
[[nodiscard]] std::vector<std::string> broken_invariance_laws(const Model& model,
                                                              const invariance_claims& claims = {}) {
    const auto prompts = detail::invariance_prompts(claims, model.config().vocabulary);
    const std::size_t most = claims.max_tokens;
    const auto format = claims.keys_and_values;
    const auto alone = detail::greedy_records(
        model, prompts, {.max_tokens = most, .batch = 1, .threads = 1, .chunk = 2000, .keys_and_values = format},
        detail::keeps_rows_apart{});
    std::vector<std::string> broken;
    const auto demand = [&](unloop::generation_options how, auto tap, const std::string& law) {
        how.max_tokens = most, how.keys_and_values = format;
        const auto records = detail::greedy_records(model, prompts, how, tap);
        bool holds = records.size() == alone.size();
        for (std::size_t i = 0; holds && i < alone.size(); ++i)
            holds = records[i].tokens == alone[i].tokens && records[i].log_probabilities == alone[i].log_probabilities;
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    const detail::keeps_rows_apart apart;
    for (const std::size_t batch : claims.batches)
        demand({.batch = batch, .chunk = 64}, apart, "batch: it does not matter how many rows run side by side");
    for (const std::size_t chunk : claims.chunks)
        demand({.batch = 4, .chunk = chunk}, apart, "chunks: it does not matter how prompts are cut into passes");
    for (const std::size_t threads : claims.threads)
        demand({.batch = 16, .threads = threads}, apart, "threads: it does not matter how many there are");
    for (const std::size_t batch : claims.batches)
        demand({.batch = batch, .chunk = 40}, unloop::no_tap{}, "sharing: it does not matter what rows have in common");
    return broken;
}

}  // namespace laws

#endif
