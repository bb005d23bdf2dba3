// expect: block_rule: needs operator()(std::span<const std::uint64_t>) const
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A rule that does not say what natural ends need.
#include <unloop/detect/list_collapse.hpp>

#include <cstddef>   // size_t
#include <cstdint>   // uint64_t
#include <optional>  // a block, or none
#include <span>      // keys

struct rule {
    std::size_t largest_block = 20;
    std::optional<unloop::collapse_block> operator()(std::span<const std::uint64_t>) const { return std::nullopt; }
};

unloop::basic_list_collapse<rule, unloop::no_drift> detector;
