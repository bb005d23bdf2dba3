// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A map from integers that is filled once and then read in the innermost loop of a tokenizer.
#ifndef UNLOOP_IO_INTEGER_MAP_HPP
#define UNLOOP_IO_INTEGER_MAP_HPP

#include <unloop/core/random.hpp>

#include <bit>      // bit_ceil
#include <cstddef>  // size_t
#include <cstdint>  // uint64_t
#include <vector>   // slots

namespace unloop::inline v0::detail {

/// Open addressing, one array, at most half full: a look-up mostly touches one cache line, whether it finds or not
/// (most pairs of neighbouring tokens do not merge). Key ~0 is not allowed.
template <class Value>
class integer_map {
  public:
    /// Room for `count` keys; inserting more grows nothing, so it must not happen.
    explicit integer_map(std::size_t count) : slots_(std::bit_ceil(2 * count + 2)) {}

    /// Returns the value of `key`, made from `value` if the key is new.
    Value& insert(std::uint64_t key, const Value& value) {
        slot& place = slots_[position(key)];
        if (place.key == empty) place = {key, value};
        return place.value;
    }
    /// nullptr: not there.
    [[nodiscard]] const Value* find(std::uint64_t key) const noexcept {
        const slot& place = slots_[position(key)];
        return place.key == empty ? nullptr : &place.value;
    }

  private:
    static constexpr std::uint64_t empty = ~std::uint64_t{0};
    struct slot {
        std::uint64_t key = empty;
        Value value{};
    };

    [[nodiscard]] std::size_t position(std::uint64_t key) const noexcept {
        const std::size_t mask = slots_.size() - 1;
        std::size_t index = mix_bits(key) & mask;
        while (slots_[index].key != key && slots_[index].key != empty) index = (index + 1) & mask;
        return index;
    }

    std::vector<slot> slots_;
};

}  // namespace unloop::inline v0::detail

#endif
