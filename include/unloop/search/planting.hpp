// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What is planted and how, and what came of it: the answer behind a seal.
#ifndef UNLOOP_SEARCH_PLANTING_HPP
#define UNLOOP_SEARCH_PLANTING_HPP

#include <unloop/edit/plant.hpp>

#include <array>        // names
#include <cstddef>      // size_t
#include <cstdint>      // int32_t, uint64_t
#include <span>         // decoys
#include <string_view>  // names
#include <variant>      // get
#include <vector>       // draws

namespace unloop::inline v0 {

/// What is done to the culprits; of any kind of target.
enum class fault_kind : std::uint8_t {
    amplified,  ///< times a power of two; where that breaks nothing, times its negative
    flipped,    ///< times -1
    replaced,   ///< of neurons of the dense MLP: the column of `down` is replaced by that of another neuron
};
inline constexpr std::array<std::string_view, 3> fault_names{"amplified", "flipped", "replaced"};

[[nodiscard]] constexpr std::string_view name_of(fault_kind kind) noexcept {
    return fault_names[static_cast<std::size_t>(kind)];
}

struct planting_options {
    std::uint64_t seed = 0;
    std::size_t max_tokens = 96;  ///< of an answer
    std::size_t batch = 64;
    std::size_t threads = 1;
    std::size_t most_draws = 200;
    std::size_t draws_at_once = 32;  ///< of faults that rarely break a model: flipped and replaced ones
    any_target_kind kind = target_kind<neuron_id>{};  ///< of what is drawn
    fault_kind fault = fault_kind::amplified;
    std::size_t culprits = 1;        ///< targets that are drawn and broken together
    std::size_t decoys = 0;          ///< targets besides that are scaled likewise and do no harm
    double screened_share = 0.02;    ///< of all targets of the kind, the strongest on healthy answers
    std::size_t least_screened = 8;  ///< at least this many, where there are so few
    int least_exponent = 2;          ///< factors are 2^least .. 2^most
    int most_exponent = 6;
};

/// Targets that were tried together, with the looping answers under each factor, smallest factor first.
struct planting_draw {
    std::vector<target_id> targets;
    bool inverted = false;
    std::vector<std::size_t> loops;
};

/// A target that is scaled as a culprit is, and is none.
struct planted_decoy {
    target_id target;
    int exponent = 0;
    bool is_as_strong = false;  ///< writes at least as much as the weakest culprit on healthy answers
};

/// Neurons in whose places the columns of donors are put.
[[nodiscard]] inline plan copies(std::span<const target_id> targets, std::span<const std::int32_t> donors) {
    plan made;
    for (std::size_t i = 0; i < targets.size(); ++i) made = made + copy(std::get<neuron_id>(targets[i]), donors[i]);
    made.note = "planted fault";
    return made;
}

struct planting {
    fault_kind kind = fault_kind::amplified;
    std::vector<target_id> targets;    ///< the culprits
    int exponent = 0;                  ///< they are multiplied by 2^exponent,
    bool inverted = false;             ///< or by -2^exponent
    std::vector<std::int32_t> donors;  ///< of replaced neurons: whose columns stand in the culprits' places
    std::size_t answers = 0;           ///< probes asked
    std::size_t loops_unbroken = 0;
    std::size_t loops_broken = 0;       ///< with culprits and decoys
    std::vector<planting_draw> draws;   ///< all that were tried, the last one broke the model
    std::vector<planted_decoy> decoys;  ///< may be fewer than asked for
    std::size_t loops_decoys = 0;       ///< with the decoys alone
    double divergence_decoys = 0;       ///< of them alone, nats a token on healthy answers

    /// Culprits and decoys. Replaced columns have no cure but to put the bytes back that stood there.
    [[nodiscard]] planted_fault fault() const {
        if (kind == fault_kind::replaced) return {copies(targets, donors), {}};
        planted_fault made = plant(targets, exponent, inverted);
        const planted_fault beside = decoy_fault(decoys);
        return {made.fault + beside.fault, made.cure + beside.cure};
    }
    /// Decoys alone.
    [[nodiscard]] planted_fault decoy_fault(std::span<const planted_decoy> some) const {
        planted_fault made;
        for (const planted_decoy& decoy : some) {
            planted_fault one = plant(decoy.target, decoy.exponent, inverted);
            one.fault.note.clear(), one.cure.note.clear();
            made.fault = made.fault + one.fault, made.cure = made.cure + one.cure;
        }
        return made;
    }
};

}  // namespace unloop::inline v0

#endif
