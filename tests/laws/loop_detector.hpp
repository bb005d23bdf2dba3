// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of loop detectors as functions that name what is broken; they need no test framework.
#ifndef UNLOOP_LAWS_LOOP_DETECTOR_HPP
#define UNLOOP_LAWS_LOOP_DETECTOR_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/core/random.hpp>
#include <unloop/detect/loop_detector.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <optional>     // a finding, or none
#include <span>         // tokens
#include <string>       // names of broken laws, texts
#include <string_view>  // pieces of text
#include <vector>       // token strings

namespace laws {

/// What a detector over tokens claims.
struct loop_claims {
    std::vector<std::int64_t> periods{1, 2, 7, 31, 64};  ///< blocks that it must find, in tokens
    std::vector<std::int32_t> alphabets{1, 2, 3, 50};    ///< different tokens of a planted block
    std::int64_t patience = 2000;                        ///< tokens within which it must find them
    bool exact = true;  ///< tells start and period exactly, and is silent on every text without adjacent repeats
};

namespace detail {

using tokens = std::vector<unloop::token_id>;
using findings = std::vector<std::optional<unloop::finding>>;

/// `count` different tokens, beginning with `first`.
inline tokens counting(std::int64_t count, unloop::token_id first) {
    tokens text;
    for (std::int64_t i = 0; i < count; ++i) text.push_back(first + static_cast<unloop::token_id>(i));
    return text;
}

/// A word over three letters in which no block is followed by itself (Thue 1912): the gaps of the word of Thue and
/// Morse.
inline tokens square_free(std::int64_t count) {
    const auto parity = [](std::int64_t n) {
        int bit = 0;
        for (; n > 0; n >>= 1) bit ^= static_cast<int>(n & 1);
        return bit;
    };
    tokens text;
    for (std::int64_t i = 0; i < count; ++i) text.push_back(parity(i + 1) - parity(i) + 1);
    return text;
}

/// Whether no shorter block repeats to make `block`.
inline bool is_primitive(std::span<const unloop::token_id> block) {
    for (std::size_t period = 1; period < block.size(); ++period) {
        bool repeats = block.size() % period == 0;
        for (std::size_t i = period; repeats && i < block.size(); ++i) repeats = block[i] == block[i - period];
        if (repeats) return false;
    }
    return true;
}

/// A random primitive block over tokens [0, alphabet), or none where there is none.
inline tokens primitive_block(std::int64_t period, std::int32_t alphabet, unloop::random_sequence& random) {
    if (period > 1 && alphabet == 1) return {};
    tokens block(static_cast<std::size_t>(period));
    do {
        for (auto& token : block)
            token = static_cast<unloop::token_id>(random.below(static_cast<std::uint64_t>(alphabet)));
    } while (!is_primitive(block));
    return block;
}

template <class Detector>
findings all_findings(Detector& detector, const tokens& text) {
    findings found;
    for (const auto token : text) found.push_back(detector.observe(token));
    return found;
}

/// Whether the finding speaks of units that have been seen.
inline bool is_consistent(const unloop::finding& found, std::int64_t seen) {
    return found.start >= 0 && found.period > 0 && found.copies > 0 && found.evidence > 0 && found.evidence <= seen &&
           found.start + found.copies * found.period <= seen;
}

/// A healthy beginning, then `block` again and again: found in time, with numbers that agree.
template <class Detector>
std::string planted_loop_fault(Detector detector, const tokens& block, const loop_claims& claims) {
    const std::int64_t healthy = 100;
    const auto period = static_cast<std::int64_t>(block.size());
    std::int64_t seen = 0;
    for (const auto token : counting(healthy, 1'000)) {
        if (detector.observe(token)) return "silent before the loop";
        ++seen;
    }
    for (std::int64_t i = 0; i < claims.patience; ++i) {
        const auto found = detector.observe(block[static_cast<std::size_t>(i % period)]);
        ++seen;
        if (!found) continue;
        if (!is_consistent(*found, seen)) return "numbers of a finding agree";
        if (claims.exact && (found->start != healthy || found->period != period)) return "start and period are exact";
        return {};
    }
    return "finds a planted loop";
}

}  // namespace detail

/// The broken laws of a detector over tokens, each with the case that broke it; empty if it keeps them all. `detector`
/// is new or reset.
template <class Detector>
[[nodiscard]] std::vector<std::string> broken_loop_detector_laws(const Detector& detector,
                                                                 const loop_claims& claims = {}) {
    unloop::require_loop_detector<Detector>();
    std::vector<std::string> broken;
    const auto silent = [&](detail::tokens text, const char* name) {
        Detector fresh = detector;
        for (const auto& found : detail::all_findings(fresh, text))
            if (found) {
                broken.push_back(std::string("silent on aperiodic input: ") + name);
                return;
            }
    };
    silent(detail::counting(5'000, 0), "no token twice");
    if (claims.exact) silent(detail::square_free(5'000), "three tokens, no block followed by itself");

    unloop::random_sequence random(1);
    detail::tokens history = detail::counting(70, 0);
    for (const auto period : claims.periods)
        for (const auto alphabet : claims.alphabets) {
            const auto block = detail::primitive_block(period, alphabet, random);
            if (block.empty()) continue;
            const auto fault = detail::planted_loop_fault(detector, block, claims);
            if (!fault.empty())
                broken.push_back(fault + ": period " + std::to_string(period) + ", " + std::to_string(alphabet) +
                                 " different tokens");
            for (std::int64_t i = 0; i < claims.patience; ++i)
                history.push_back(block[static_cast<std::size_t>(i % period)]);
        }

    Detector used = detector;
    Detector twin = detector;
    const auto first = detail::all_findings(used, history);
    if (detail::all_findings(twin, history) != first)
        broken.emplace_back("deterministic: equal copies, equal findings");
    const Detector saved = used;
    const auto more = detail::counting(10, 0);
    twin = saved;
    if (detail::all_findings(twin, more) != detail::all_findings(used, more))
        broken.emplace_back("a copy goes on where the original stood");
    used.reset();
    if (detail::all_findings(used, history) != first) broken.emplace_back("reset() equals new");
    return broken;
}

/// The same for a detector over text, given one that it must find to loop and one in which it must find nothing.
template <class Detector>
[[nodiscard]] std::vector<std::string> broken_text_loop_detector_laws(const Detector& detector,
                                                                      std::string_view looping,
                                                                      std::string_view healthy) {
    unloop::require_text_loop_detector<Detector>();
    std::vector<std::string> broken;
    const auto first_finding = [](Detector& judge, std::string_view text, std::size_t step) {
        std::optional<unloop::finding> first;
        for (; !text.empty(); text.remove_prefix(step < text.size() ? step : text.size())) {
            const auto found = judge.observe(text.substr(0, step));
            if (!first) first = found;
        }
        return first;
    };
    Detector used = detector;
    if (first_finding(used, healthy, 7)) broken.emplace_back("silent on a healthy text");
    used.reset();
    const auto found = first_finding(used, looping, 7);
    if (!found)
        broken.emplace_back("finds a loop");
    else if (!detail::is_consistent(*found, static_cast<std::int64_t>(looping.size())))
        broken.emplace_back("numbers of a finding agree");
    Detector fresh = detector;
    if (first_finding(fresh, looping, 7) != found) broken.emplace_back("reset() equals new");
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{64}, looping.size()}) {
        Detector twin = detector;
        if (first_finding(twin, looping, step) != found) broken.emplace_back("pieces do not matter");
    }
    return broken;
}

}  // namespace laws

#endif
