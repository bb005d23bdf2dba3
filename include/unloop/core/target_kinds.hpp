// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A set of kinds of targets: what a search may edit.
#ifndef UNLOOP_CORE_TARGET_KINDS_HPP
#define UNLOOP_CORE_TARGET_KINDS_HPP

#include <unloop/core/target.hpp>

#include <cstdint>           // bits
#include <initializer_list>  // members

namespace unloop::inline v0 {

/// `target_kinds{target_kind<expert_id>{}}`, or `target_kinds::all()`. O(1) throughout.
class target_kinds {
  public:
    constexpr target_kinds() noexcept = default;  ///< empty
    constexpr target_kinds(std::initializer_list<any_target_kind> kinds) noexcept {
        for (const any_target_kind& kind : kinds) add(kind);
    }
    [[nodiscard]] static constexpr target_kinds all() noexcept {
        target_kinds kinds;
        for_each_target_kind([&](auto kind) { kinds.add(kind); });
        return kinds;
    }

    constexpr void add(const any_target_kind& kind) noexcept { bits_ |= std::uint32_t{1} << kind.index(); }
    [[nodiscard]] constexpr bool contains(const any_target_kind& kind) const noexcept {
        return (bits_ >> kind.index() & 1) != 0;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    friend constexpr bool operator==(const target_kinds&, const target_kinds&) noexcept = default;

  private:
    std::uint32_t bits_ = 0;
};

}  // namespace unloop::inline v0

#endif
