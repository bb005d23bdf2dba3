// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of the parts of a layer as functions that name what is broken; they need no test framework.
#ifndef UNLOOP_LAWS_BLOCK_HPP
#define UNLOOP_LAWS_BLOCK_HPP

#include <unloop/blocks/feed_forward_input.hpp>
#include <unloop/core/random.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <laws/random_parameters.hpp>

#include <algorithm>  // copy, find
#include <cmath>      // isfinite
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <cstdint>    // int32_t
#include <cstring>    // memcmp
#include <span>       // values
#include <string>     // names of broken laws
#include <utility>    // move
#include <vector>     // memory

namespace laws {

/// What a part is tried with.
struct block_claims {
    std::size_t rows = 3;     ///< sequences side by side
    std::size_t length = 70;  ///< tokens of each; more than a tile of keys
    /// Largest difference, relative to 1 + magnitude, between ways to run a part, for backends that are not batch
    /// invariant; 0: the same bits.
    double tolerance = 0;
    /// The same between the backend and the plain loops.
    double agreement = 1e-4;
    unloop::number_format weights = unloop::number_format::f32;  ///< of matrices; its blocks fill all rows
};

namespace detail {

/// Pieces as small as they may be, the last first.
struct cuts_backwards {
    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) const {
        for (std::size_t last = count; last > 0;) {
            const std::size_t first = (last - 1) / grain * grain;
            body(first, last);
            last = first;
        }
    }
    [[nodiscard]] std::size_t threads() const noexcept { return 3; }
};

struct listens_everywhere {
    template <class Site>
    void operator()(Site, const unloop::tap_place&, unloop::matrix_view) const noexcept {}
};

// How a part of each kind is called: out is what it makes of the stream, or of its norm.
struct called_as_attention {
    template <class Part, class Run>
    static void call(const Part& part, Run& run, const unloop::feed_forward_input& in, unloop::matrix_view out) {
        part.forward(run, in.normed, out);
    }
};
struct called_as_feed_forward {
    template <class Part, class Run>
    static void call(const Part& part, Run& run, const unloop::feed_forward_input& in, unloop::matrix_view out) {
        part.forward(run, in, out);
    }
};
struct called_as_residual {
    template <class Part, class Run>
    static void call(const Part& part, Run& run, const unloop::feed_forward_input& in, unloop::matrix_view out) {
        copy(in.stream, out), part.apply(run, out);
    }
    static void copy(unloop::const_matrix_view from, unloop::matrix_view to) {
        for (std::size_t t = 0; t < from.rows(); ++t) std::copy(from[t].begin(), from[t].end(), to[t].begin());
    }
};
struct called_as_layer {
    template <class Part, class Run>
    static void call(const Part& part, Run& run, const unloop::feed_forward_input& in, unloop::matrix_view out) {
        called_as_residual::copy(in.stream, out), part.forward(run, out);
    }
};

template <class Kind, class Part, class Backend>
class block_judge {
  public:
    block_judge(Part part, const unloop::layer_traits& traits, const block_claims& claims, const Backend& backend)
        : part_(std::move(part)), claims_(claims), backend_(backend), weights_(0.6, 100, claims.weights) {
        config_.hidden = traits.hidden, config_.layer_input = traits.layer_input;
        config_.layers = {traits};
        config_.layers[0].layer = config_.layers[0].key_value_layer = config_.layers[0].rotary_table = 0;
        config_.rotary_tables = {{traits.head_size, 10000.0F, 1.0F, traits.head_size / 2}};
        const std::size_t tokens = claims.rows * claims.length;
        stream_ = values(tokens * traits.hidden, 1), normed_ = values(tokens * traits.hidden, 2);
        inputs_ = values(tokens * traits.layer_input, 3);
    }

    std::vector<std::string> broken() {
        parameters();
        unloop::serial alone;
        unloop::no_tap none;
        const passes together{all_tokens()};
        expected_ = run(together, alone, none, 0.0F);
        if constexpr (!std::same_as<Backend, unloop::reference>)
            expect(close(expected_, run_on(unloop::reference{}, together, alone, none, 0.0F), claims_.agreement),
                   "the backend gives what the plain loops give");
        for (const float value : expected_) expect(std::isfinite(value), "finite inputs give finite results");
        expect_same(run(together, alone, none, NAN), "every element of out is written");
        expect_same(run(rows_apart(), alone, none), "the other rows of a batch do not show in a row's result");
        expect_same(run(chunks(1), alone, none), "a sequence has the same bits in chunks of any size");
        expect_same(run(chunks(9), alone, none), "a sequence has the same bits in chunks of any size");
        threads(together);
        listens_everywhere tap;
        expect_same(run(together, alone, tap), "a tap that writes nothing changes no bit");
        return broken_;
    }

  private:
    using passes = std::vector<std::vector<unloop::batch_token>>;
    struct visited {
        unloop::parameter_role role;
        std::int32_t expert;
        unloop::parameter_shape shape;
        const void* slot;
        friend bool operator==(const visited&, const visited&) = default;
    };

    void expect(bool holds, const char* law) {
        if (!holds && std::find(broken_.begin(), broken_.end(), law) == broken_.end()) broken_.emplace_back(law);
    }
    void expect_same(const std::vector<float>& actual, const char* law) {
        expect(claims_.tolerance > 0
                   ? close(actual, expected_, claims_.tolerance)
                   : std::memcmp(actual.data(), expected_.data(), expected_.size() * sizeof(float)) == 0,
               law);
    }
    static bool close(const std::vector<float>& actual, const std::vector<float>& expected, double tolerance) {
        for (std::size_t i = 0; i < actual.size(); ++i) {
            const auto wanted = static_cast<double>(expected[i]);
            if (!(std::abs(static_cast<double>(actual[i]) - wanted) <= tolerance * (1 + std::abs(wanted))))
                return false;
        }
        return true;
    }
    static std::vector<float> values(std::size_t count, std::uint64_t seed) {
        unloop::random_sequence random(seed, count);
        std::vector<float> made(count);
        for (float& value : made) value = static_cast<float>(4 * random.uniform() - 2);
        return made;
    }

    std::vector<visited> visit() {
        std::vector<visited> seen;
        part_.for_each_parameter(config_.layers[0],
                                 [&](unloop::layer_parameter name, unloop::parameter_shape shape, auto& slot) {
                                     seen.push_back({name.role, name.expert, shape, &slot});
                                 });
        return seen;
    }
    /// Checks the visits and gives every parameter random values.
    void parameters() {
        const auto seen = visit();
        for (std::size_t i = 0; i < seen.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                expect(
                    seen[i].slot != seen[j].slot && (seen[i].role != seen[j].role || seen[i].expert != seen[j].expert),
                    "no parameter is visited twice");
        part_.for_each_parameter(config_.layers[0], weights_);
        expect(visit() == seen, "every visit of the parameters is the same");
    }

    [[nodiscard]] unloop::batch_token token(std::size_t row, std::size_t position) const {
        return {0, static_cast<std::int32_t>(row), static_cast<std::int32_t>(position), false};
    }
    [[nodiscard]] std::vector<unloop::batch_token> all_tokens() const {
        std::vector<unloop::batch_token> all;
        for (std::size_t row = 0; row < claims_.rows; ++row)
            for (std::size_t t = 0; t < claims_.length; ++t) all.push_back(token(row, t));
        return all;
    }
    [[nodiscard]] passes rows_apart() const {
        passes apart(claims_.rows);
        for (const auto& each : all_tokens()) apart[static_cast<std::size_t>(each.row)].push_back(each);
        return apart;
    }
    /// `size` tokens of every row a pass, the last row first.
    [[nodiscard]] passes chunks(std::size_t size) const {
        passes cut((claims_.length + size - 1) / size);
        for (std::size_t t = 0; t < claims_.length; ++t)
            for (std::size_t row = claims_.rows; row-- > 0;) cut[t / size].push_back(token(row, t));
        return cut;
    }
    void threads(const passes& together) {
        const char* const law = "the number of threads does not show in the result";
        unloop::no_tap none;
        cuts_backwards backwards;
        expect_same(run(together, backwards, none), law);
        for (const std::size_t count : {2U, 5U}) {
            unloop::thread_pool pool(count);
            expect_same(run(together, pool, none), law);
        }
    }

    /// Results of all tokens, by row and position; `before` stands in out before the part is called.
    template <class Executor, class Tap>
    std::vector<float> run(const passes& all, Executor& executor, Tap& tap, float before = 1.0F) {
        return run_on(backend_, all, executor, tap, before);
    }
    template <class With, class Executor, class Tap>
    std::vector<float> run_on(const With& backend, const passes& all, Executor& executor, Tap& tap, float before) {
        std::size_t most = 0;
        for (const auto& pass : all) most = std::max(most, pass.size());
        unloop::decoder_state state(config_, {claims_.rows, claims_.length, most, 1});
        std::vector<float> results(stream_.size());
        for (const auto& pass : all) run_pass(backend, state, pass, executor, tap, before, results);
        return results;
    }
    template <class With, class Executor, class Tap>
    void run_pass(const With& backend, unloop::decoder_state& state, std::span<const unloop::batch_token> pass,
                  Executor& executor, Tap& tap, float before, std::vector<float>& results) {
        const unloop::layer_traits& traits = config_.layers[0];
        const std::size_t hidden = traits.hidden, count = pass.size();
        const auto stream = gathered(pass, stream_, hidden), normed = gathered(pass, normed_, hidden);
        auto inputs = gathered(pass, inputs_, traits.layer_input);
        std::vector<float> out((count + 1) * hidden, before);
        unloop::block_run<With, Executor, Tap> run{backend,
                                                   executor,
                                                   tap,
                                                   pass,
                                                   0,
                                                   traits,
                                                   state.space(),
                                                   state.cache(0),
                                                   state.angles(0),
                                                   {inputs.data(), count, traits.layer_input}};
        Kind::call(part_, run, {{stream.data(), count, hidden}, {normed.data(), count, hidden}},
                   {out.data(), count, hidden});
        for (std::size_t i = 0; i < hidden; ++i) {
            const float after = out[count * hidden + i];
            expect(after == before || (after != after && before != before), "nothing is written behind out");
        }
        for (std::size_t t = 0; t < count; ++t)
            std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(t * hidden), hidden,
                        results.begin() + static_cast<std::ptrdiff_t>(index(pass[t]) * hidden));
    }
    [[nodiscard]] std::size_t index(const unloop::batch_token& token) const noexcept {
        return static_cast<std::size_t>(token.row) * claims_.length + static_cast<std::size_t>(token.position);
    }
    [[nodiscard]] std::vector<float> gathered(std::span<const unloop::batch_token> pass, const std::vector<float>& from,
                                              std::size_t width) const {
        std::vector<float> rows;
        for (const auto& each : pass) {
            const auto row = std::span(from).subspan(index(each) * width, width);
            rows.insert(rows.end(), row.begin(), row.end());
        }
        return rows;
    }

    Part part_;
    const block_claims& claims_;
    const Backend& backend_;
    unloop::decoder_config config_;
    random_parameters weights_;
    std::vector<float> stream_, normed_, inputs_, expected_;
    std::vector<std::string> broken_;
};

}  // namespace detail

// The broken laws of a part of a layer of shape `traits`, with random weights; empty if it keeps them all. With a
// backend that is not batch invariant, ways to run a part agree within a tolerance only. A layer that attends owns its
// keys.

/// A part with `void forward(Run&, const_matrix_view normed, matrix_view out) const`.
template <class Part, class Backend = unloop::reference>
[[nodiscard]] std::vector<std::string> broken_attention_laws(Part part, const unloop::layer_traits& traits,
                                                             const block_claims& claims = {},
                                                             const Backend& backend = {}) {
    return detail::block_judge<detail::called_as_attention, Part, Backend>(std::move(part), traits, claims, backend)
        .broken();
}
/// A part with `void forward(Run&, const feed_forward_input&, matrix_view out) const`.
template <class Part, class Backend = unloop::reference>
[[nodiscard]] std::vector<std::string> broken_feed_forward_laws(Part part, const unloop::layer_traits& traits,
                                                                const block_claims& claims = {},
                                                                const Backend& backend = {}) {
    return detail::block_judge<detail::called_as_feed_forward, Part, Backend>(std::move(part), traits, claims, backend)
        .broken();
}
/// A part with `void apply(Run&, matrix_view stream) const`.
template <class Part, class Backend = unloop::reference>
[[nodiscard]] std::vector<std::string> broken_residual_laws(Part part, const unloop::layer_traits& traits,
                                                            const block_claims& claims = {},
                                                            const Backend& backend = {}) {
    return detail::block_judge<detail::called_as_residual, Part, Backend>(std::move(part), traits, claims, backend)
        .broken();
}
/// A whole layer, with `void forward(Run&, matrix_view stream) const`.
template <class Layer, class Backend = unloop::reference>
[[nodiscard]] std::vector<std::string> broken_layer_laws(Layer layer, const unloop::layer_traits& traits,
                                                         const block_claims& claims = {}, const Backend& backend = {}) {
    return detail::block_judge<detail::called_as_layer, Layer, Backend>(std::move(layer), traits, claims, backend)
        .broken();
}

}  // namespace laws

#endif
