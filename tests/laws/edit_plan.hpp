// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The laws of edit operators and of plans in a model's weights, as functions that name what is broken; they need no
// test framework.
#ifndef UNLOOP_LAWS_EDIT_PLAN_HPP
#define UNLOOP_LAWS_EDIT_PLAN_HPP

#include <unloop/core/random.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>

#include <algorithm>  // find
#include <cmath>      // isfinite
#include <cstddef>    // byte
#include <span>       // targets
#include <string>     // names of broken laws
#include <variant>    // kinds of targets
#include <vector>     // plans

namespace laws {

namespace detail {

using file_bytes = std::vector<std::byte>;

/// The weights of all tensors, wherever they lie.
template <class Model>
file_bytes bytes_of(const Model& model) {
    file_bytes all;
    for (const unloop::stored_tensor& tensor : model.file().tensors()) {
        const auto bytes = model.file().bytes(tensor);
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
}

/// The weights while `edits` is applied.
template <class Model>
file_bytes bytes_under(Model& model, const unloop::plan& edits) {
    const unloop::scoped_edit edited(model, edits);
    return bytes_of(model);
}

/// A target of any kind; different for different `i`.
inline unloop::target_id target_of(unloop::random_sequence& random, std::int32_t i) {
    const auto layer = static_cast<std::int32_t>(random.below(30));
    unloop::target_id target;
    std::size_t kind = random.below(std::variant_size_v<unloop::target_id>);
    unloop::for_each_target_kind([&]<class Id>(unloop::target_kind<Id>) {
        if (kind-- != 0) return;
        Id id;
        for (const auto& field : unloop::target_kind<Id>::fields) id.*field.number = 100 * i;
        id.layer = layer;
        target = id;
    });
    return target;
}

/// `edits` with a factor of its own choice for each edit.
template <class Factor>
unloop::plan with_factors(unloop::plan edits, const Factor& factor) {
    for (auto& edit : edits.edits) edit.factor = factor(edit);
    return edits;
}

inline bool has_distinct_targets(const unloop::plan& edits) {
    for (std::size_t i = 0; i < edits.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (edits.edits[i].target == edits.edits[j].target) return false;
    return true;
}

template <class Model>
bool is_exact(Model& model, const unloop::plan& edits) {
    return unloop::scoped_edit(model, edits).changes().is_exact();
}

}  // namespace detail

/// Which laws of `edit_operator` the operator breaks.
template <class Operator>
std::vector<std::string> broken_edit_operator_laws(const Operator& edit) {
    unloop::require_edit_operator<Operator>();
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const std::string& law) {
        if (!holds && std::find(broken.begin(), broken.end(), law) == broken.end()) broken.push_back(law);
    };
    demand(edit(std::span<const unloop::target_id>()).empty(), "silence: no targets, no edits");
    unloop::random_sequence random(1);
    for (std::int32_t size = 1; size <= 40; ++size) {
        std::vector<unloop::target_id> given;
        for (std::int32_t i = 0; i < size; ++i) given.push_back(detail::target_of(random, i));
        const std::span<const unloop::target_id> targets(given);
        const unloop::plan made = edit(targets);
        demand(!made.empty(), "something: targets give edits");
        demand(made == edit(targets), "determinism: equal targets give equal plans");
        for (const unloop::target_edit& one : made.edits) {
            demand(std::find(targets.begin(), targets.end(), one.target) != targets.end(),
                   "restraint: a plan names nothing but its targets");
            demand(std::isfinite(one.factor), "finiteness: factors are finite");
        }
    }
    return broken;
}

/// Which laws of section "Laws" of docs/concepts/edit_operator.md a plan breaks in the weights of `model`, which it
/// must fit. Compares every byte of all tensors, several times: meant for small models.
template <class Model>
std::vector<std::string> broken_edit_plan_laws(Model& model, const unloop::plan& edits) {
    using unloop::target_edit;
    std::vector<std::string> broken;
    const auto demand = [&](bool holds, const char* law) {
        if (!holds) broken.emplace_back(law);
    };
    const detail::file_bytes before = detail::bytes_of(model);
    const detail::file_bytes edited = detail::bytes_under(model, edits);
    demand(detail::bytes_of(model) == before, "undo: leaving the scope restores every byte");
    demand(detail::bytes_under(model, edits) == edited, "determinism: the same plan gives the same bytes");

    for (const float power : {2.0F, 0.5F, 0.25F}) {
        const auto there = detail::with_factors(edits, [&](const target_edit&) { return power; });
        const auto back = detail::with_factors(edits, [&](const target_edit&) { return 1.0F / power; });
        if (detail::is_exact(model, there))
            demand(detail::bytes_under(model, there + back) == before,
                   "reciprocal: a power of two and its reciprocal compose to the identity");
    }
    const auto inverted = detail::with_factors(edits, [](const target_edit&) { return -1.0F; });
    demand(detail::bytes_under(model, inverted + inverted) == before, "sign: inverting twice is the identity");

    unloop::plan reversed = edits;
    std::reverse(reversed.edits.begin(), reversed.edits.end());
    if (detail::has_distinct_targets(edits))
        demand(detail::bytes_under(model, reversed) == edited, "commutation: edits of different rows commute");

    for (std::size_t half = 0; half <= edits.size(); ++half) {
        unloop::plan first, second;
        const auto middle = edits.edits.begin() + static_cast<std::ptrdiff_t>(half);
        first.edits.assign(edits.edits.begin(), middle), second.edits.assign(middle, edits.edits.end());
        const unloop::scoped_edit outer(model, first);
        demand(detail::bytes_under(model, second) == edited, "order: a plan is its parts, in the order written");
    }
    demand(detail::bytes_of(model) == before, "nesting: scopes within scopes restore every byte");
    return broken;
}

}  // namespace laws

#endif
