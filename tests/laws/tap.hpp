// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of taps as a function that names what is broken; it needs no test framework, but a model.
#ifndef UNLOOP_LAWS_TAP_HPP
#define UNLOOP_LAWS_TAP_HPP

#include <unloop/core/random.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <algorithm>  // max, min
#include <cstddef>    // size_t
#include <cstring>    // memcmp
#include <string>     // names of broken laws
#include <vector>     // tokens, logits, broken laws

namespace laws {

/// What a tap claims.
struct tap_claims {
    bool rewrites = false;  ///< changes what the model computes; otherwise it changes no bit
};

/// For taps that keep nothing.
inline constexpr auto keeps_nothing = [](const auto& /*tap*/) { return 0; };

namespace detail {

using tapped_rows = std::vector<std::vector<unloop::token_id>>;

/// How the rows are brought to the model: most tokens of each row in a pass.
struct tapped_passes {
    std::size_t threads = 1, chunk = 100;
};

inline bool same_memory(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Logits of all tokens of each row: [row][tokens * vocabulary].
template <class Model, class Tap>
std::vector<std::vector<float>> tapped_logits(const Model& model, const tapped_rows& rows, tapped_passes how,
                                              Tap& tap) {
    std::size_t longest = 0;
    for (const auto& row : rows) longest = std::max(longest, row.size());
    const std::size_t chunk = std::min(how.chunk, longest), most = rows.size() * chunk;
    unloop::decoder_state state(model.config(), {rows.size(), longest, most, most});
    unloop::thread_pool executor(how.threads);
    if constexpr (unloop::row_listener<Tap>)
        for (std::size_t row = 0; row < rows.size(); ++row) tap.begin_row(row, row);
    std::vector<std::vector<float>> logits(rows.size());
    std::vector<unloop::batch_token> pass;
    for (std::size_t first = 0; first < longest; first += chunk) {
        pass.clear();
        for (std::size_t row = 0; row < rows.size(); ++row)
            for (std::size_t t = first; t < std::min(first + chunk, rows[row].size()); ++t)
                pass.push_back({rows[row][t], static_cast<std::int32_t>(row), static_cast<std::int32_t>(t), true});
        const unloop::matrix_view computed = model.decoder().forward(state, pass, executor, tap);
        for (std::size_t i = 0; i < pass.size(); ++i) {
            auto& of_row = logits[static_cast<std::size_t>(pass[i].row)];
            of_row.insert(of_row.end(), computed[i].begin(), computed[i].end());
        }
    }
    return logits;
}

/// `count` rows of random tokens, of 11 tokens and fewer.
template <class Model>
tapped_rows random_rows(const Model& model, std::size_t count) {
    tapped_rows rows(count);
    for (std::size_t row = 0; row < count; ++row) {
        unloop::random_sequence random(1, row);
        for (std::size_t t = 0; t < 11 - 3 * row; ++t)
            rows[row].push_back(static_cast<unloop::token_id>(random.below(model.config().vocabulary)));
    }
    return rows;
}

}  // namespace detail

/// The broken laws of the taps that `make()` gives, each new, in runs of `model`; empty if they keep them all.
/// `kept(tap)` is what a tap has kept, comparable by ==. Meant for small models.
template <class Model, class Make, class Kept = decltype(keeps_nothing)>
[[nodiscard]] std::vector<std::string> broken_tap_laws(const Model& model, const Make& make,
                                                       const tap_claims& claims = {}, const Kept& kept = {}) {
    unloop::require_tap<decltype(make())>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    const auto alone = detail::random_rows(model, 1), together = detail::random_rows(model, 3);
    auto tap = make();
    const std::vector<float> logits = detail::tapped_logits(model, alone, {}, tap).front();
    const auto first_kept = kept(tap);
    const auto is_same = [&](detail::tapped_passes how) {
        auto other = make();
        return detail::same_memory(detail::tapped_logits(model, alone, how, other).front(), logits) &&
               kept(other) == first_kept;
    };
    unloop::no_tap none;
    const bool is_unchanged = detail::same_memory(detail::tapped_logits(model, alone, {}, none).front(), logits);
    if (claims.rewrites)
        demand(!is_unchanged, "effect: a tap that rewrites changes what the model computes");
    else
        demand(is_unchanged, "reading: a tap that only reads changes no bit");
    demand(is_same({}), "determinism: new taps see and do the same");
    demand(is_same({1, 1}) && is_same({1, 4}), "chunks: it does not matter how a prompt is cut into passes");
    demand(is_same({3, 100}), "threads: their number does not matter");
    auto lonely = make(), shared = make();
    demand(detail::same_memory(detail::tapped_logits(model, alone, {1, 4}, lonely).front(),
                               detail::tapped_logits(model, together, {1, 4}, shared).front()),
           "rows: what a row computes does not depend on the others");
    return broken;
}

}  // namespace laws

#endif
