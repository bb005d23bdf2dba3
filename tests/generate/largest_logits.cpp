// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The largest logit by a bound is the largest logit, and mostly costs no head.
#include <unloop/generate/largest_logits.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/random_weights.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/blocks/language_head.hpp>
#include <unloop/core/random.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/parallel/thread_pool.hpp>

#include <cmath>
#include <limits>

namespace {

using namespace unloop;

constexpr std::size_t words = 700, hidden = 64;

/// What a decoder is behind its final norm. Words 300 on are those from 0 on again, so that many logits are the same.
class head_alone {
  public:
    head_alone(number_format format, float cap) {
        config_.logit_cap = cap;
        visit_format(format, [&](auto tag) {
            const double size = tag.block_values == 1 ? 0.5 : 0.5 / 127;  // codes are up to 127 times a scale
            memory_ = laws::detail::some_weights<decltype(tag)>(words * hidden, 5, size);
        });
        const mutable_weight_view all{format, words, hidden, bytes_of(format, hidden), memory_.data()};
        for (std::size_t word = 300; word < 400; ++word)
            std::copy(all.row(word - 300).begin(), all.row(word - 300).end(), all.row(word).begin());
        head_.weights = all;
    }
    [[nodiscard]] const dispatched& backend() const { return backend_; }
    [[nodiscard]] const decoder_config& config() const { return config_; }
    [[nodiscard]] const weight_view& head_weights() const { return head_.weights; }
    template <class Executor>
    void logits_of(const_matrix_view states, std::size_t first, matrix_view out, Executor& executor) const {
        language_head some = head_;
        some.weights = head_.weights.slice(first, out.columns());
        some.forward(backend_, executor, config_.logit_cap, states, out);
    }

  private:
    std::vector<std::byte> memory_;
    dispatched backend_;
    decoder_config config_;
    language_head head_;
};

std::vector<float> noise(std::uint64_t seed, std::size_t count, float size) {
    random_sequence random(seed);
    std::vector<float> values(count);
    for (float& value : values) value = size * static_cast<float>(2 * random.uniform() - 1);
    return values;
}

/// `rows` states in groups of 8: those of a group lie `apart` from each other, in shares of a state's own size.
std::vector<float> grouped_states(std::size_t rows, float apart) {
    std::vector<float> states;
    for (std::size_t r = 0; r < rows; ++r) {
        const auto base = noise(100 + r / 8, hidden, 4), own = noise(200 + r, hidden, 4 * apart);
        for (std::size_t k = 0; k < hidden; ++k) states.push_back(base[k] + own[k]);
    }
    return states;
}

}  // namespace

TEST_CASE("the largest logits of rows, near each other or not, are those of the whole head", "[invariance]") {
    constexpr std::size_t rows = 40;
    std::vector<std::size_t> groups(rows);
    for (std::size_t r = 0; r < rows; ++r) groups[r] = 2 * (r / 8);
    thread_pool pair(2);
    for (const auto format : {number_format::f32, number_format::bf16, number_format::q8_0, number_format::q4_1})
        for (const float cap : {0.0F, 30.0F, 0.5F}) {
            const head_alone model(format, cap);
            largest_logits largest(rows, 2 * rows, hidden);
            std::size_t computed = 0;
            for (const float apart : {0.0F, 1e-6F, 1e-4F, 1e-2F, 0.1F, 1.0F}) {
                INFO("format " << name_of(format) << ", cap " << cap << ", " << apart << " apart");
                const auto values = grouped_states(rows, apart);
                const const_matrix_view states(values.data(), rows, hidden);
                std::vector<float> memory(rows * words), all(rows * words);
                model.logits_of(states, 0, {all.data(), rows, words}, pair);
                const auto found = largest.words(model, states, groups, {memory.data(), rows, words}, pair);
                for (std::size_t r = 0; r < rows; ++r)
                    CHECK(found[r] == static_cast<token_id>(kernels::argmax(
                                          model.backend(), std::span<const float>(all).subspan(r * words, words))));
                const std::size_t heads = largest.computed() - computed;
                computed = largest.computed();
                // A cap of .5 leaves logits so near each other that nothing can be told.
                if (apart <= 1e-4F && cap != 0.5F) CHECK(heads == rows / 8);
                if (apart == 1.0F) CHECK(heads > rows / 2);
            }
        }
}

TEST_CASE("states that are no numbers get their logits in full") {
    const head_alone model(number_format::f32, 0);
    serial alone;
    auto values = grouped_states(8, 0);
    values[3 * hidden + 5] = std::numeric_limits<float>::quiet_NaN();
    values[4 * hidden + 5] = std::numeric_limits<float>::infinity();
    const const_matrix_view states(values.data(), 8, hidden);
    std::vector<float> memory(8 * words), all(8 * words);
    model.logits_of(states, 0, {all.data(), 8, words}, alone);
    // The leader is a number, none, or infinite; one that is no number decides for nobody.
    for (const auto& [first, heads] : {std::pair{0U, 3U}, {3U, 5U}, {4U, 2U}}) {
        INFO("first " << first);
        largest_logits largest(8, 1, hidden);
        const std::size_t count = 8 - first;
        const std::vector<std::size_t> one_group(count);
        const auto found = largest.words(model, states.rows(first, count), one_group, {memory.data(), 8, words}, alone);
        for (std::size_t r = 0; r < count; ++r)
            CHECK(found[r] == static_cast<token_id>(kernels::argmax(
                                  model.backend(), std::span<const float>(all).subspan((first + r) * words, words))));
        CHECK(largest.computed() == heads);
    }
}

TEST_CASE("the bound holds where the difference of two states lies along a word, and is nearly reached") {
    // Nothing but an exact bound would do: a second word wins by less than what the distance allows.
    const head_alone model(number_format::f32, 0);
    serial alone;
    std::vector<float> known = noise(7, hidden, 1), row(hidden), logits(words), own(words);
    model.logits_of({known.data(), 1, hidden}, 0, {logits.data(), 1, words}, alone);
    const auto best = kernels::argmax(model.backend(), logits);
    const logit_bound bound(model.head_weights(), 0, alone);
    std::size_t changed = 0;
    for (std::size_t word = 400; word < words; ++word) {
        decode_row(model.head_weights(), word, row);
        double squares = 0;
        for (const float value : row) squares += static_cast<double>(value) * value;
        // As far along the word as it has to go to be the largest, nearly.
        const double step = (logits[best] - logits[word]) / squares;
        for (const double share : {0.5, 0.99, 1.2, 1.5}) {
            std::vector<float> state = known;
            for (std::size_t k = 0; k < hidden; ++k) state[k] += static_cast<float>(share * step * row[k]);
            model.logits_of({state.data(), 1, hidden}, 0, {own.data(), 1, words}, alone);
            const auto expected = static_cast<token_id>(kernels::argmax(model.backend(), own));
            const auto told = bound.largest(model, known, logits, static_cast<token_id>(best), state);
            if (told) CHECK(*told == expected);
            if (told && expected != static_cast<token_id>(best)) ++changed;
        }
    }
    CHECK(changed > 0);  // it tells of words that were not the largest before
}
