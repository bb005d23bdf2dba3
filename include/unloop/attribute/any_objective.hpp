// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The library's objectives by name, for programs that are told at run time which one to explain.
#ifndef UNLOOP_ATTRIBUTE_ANY_OBJECTIVE_HPP
#define UNLOOP_ATTRIBUTE_ANY_OBJECTIVE_HPP

#include <unloop/attribute/objectives.hpp>
#include <unloop/core/error.hpp>
#include <unloop/core/named_choice.hpp>

#include <array>        // names
#include <cstddef>      // size_t
#include <span>         // logits
#include <string>       // names
#include <string_view>  // names
#include <utility>      // move
#include <variant>      // one of them
#include <vector>       // tokens

namespace unloop::inline v0 {

/// One of the objectives that need no number of the user's. An objective itself; a visit more than the one it holds.
class any_objective {
  public:
    static constexpr std::array<std::string_view, 5> names{"loop_margin", "loop_negative_log_likelihood",
                                                           "logit_difference", "end_probability", "divergence"};
    any_objective() = default;

    /// `ends`: tokens that end an answer, of which `end_probability` needs one at least. Throws `error` that tells the
    /// names when there is none of this name.
    [[nodiscard]] static any_objective named(std::string_view wanted, std::vector<token_id> ends) {
        if (wanted == names[0]) return any_objective(loop_margin{});
        if (wanted == names[1]) return any_objective(loop_negative_log_likelihood{});
        if (wanted == names[2]) return any_objective(logit_difference{});
        if (wanted == names[3]) {
            if (ends.empty()) throw error("end_probability: the model has no token that ends an answer");
            return any_objective(end_probability{std::move(ends)});
        }
        if (wanted == names[4]) return any_objective(divergence_from<>{});
        throw error("'" + std::string(wanted) + "' is no objective; there are " + joined_names(names));
    }

    [[nodiscard]] std::string_view name() const noexcept { return names[chosen_.index()]; }
    [[nodiscard]] double value(std::span<const float> logits, const decision& at) const {
        return std::visit([&](const auto& chosen) { return chosen.value(logits, at); }, chosen_);
    }
    [[nodiscard]] std::vector<logit_weight> gradient(std::span<const float> logits, const decision& at) const {
        return std::visit([&](const auto& chosen) { return chosen.gradient(logits, at); }, chosen_);
    }

  private:
    using any_of =
        std::variant<loop_margin, loop_negative_log_likelihood, logit_difference, end_probability, divergence_from<>>;
    explicit any_objective(any_of chosen) : chosen_(std::move(chosen)) {}

    any_of chosen_;
};
static_assert(decision_objective<any_objective>);

}  // namespace unloop::inline v0

#endif
