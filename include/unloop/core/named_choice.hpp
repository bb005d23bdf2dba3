// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A choice by name among types that have one, for programs that are told at run time which to take.
#ifndef UNLOOP_CORE_NAMED_CHOICE_HPP
#define UNLOOP_CORE_NAMED_CHOICE_HPP

#include <unloop/core/error.hpp>

#include <array>        // names
#include <optional>     // what was found
#include <string>       // lists
#include <string_view>  // names
#include <utility>      // move

namespace unloop::inline v0 {

/// "a, b, c": for errors and help. `names`: a range of what converts to `std::string_view`.
template <class Names>
[[nodiscard]] std::string joined_names(const Names& names) {
    std::string all;
    for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
    return all;
}

/// The one of `Choices` whose static `name` is `wanted`, with its default settings, as a `Result`. Throws `error`
/// "'WANTED' is WHAT; there are A, B" when there is none.
template <class Result, class... Choices>
[[nodiscard]] Result choice_named(std::string_view wanted, std::string_view what) {
    std::optional<Result> found;
    ((!found && Choices::name == wanted ? found.emplace(Choices{}), void() : void()), ...);
    if (!found)
        throw error("'" + std::string(wanted) + "' is " + std::string(what) + "; there are " +
                    joined_names(std::array<std::string_view, sizeof...(Choices)>{Choices::name...}));
    return *std::move(found);
}

}  // namespace unloop::inline v0

#endif
