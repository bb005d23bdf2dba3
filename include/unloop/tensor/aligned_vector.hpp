// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Memory that begins at a line of the cache: vector registers then never read across two lines.
#ifndef UNLOOP_TENSOR_ALIGNED_VECTOR_HPP
#define UNLOOP_TENSOR_ALIGNED_VECTOR_HPP

#include <cstddef>  // size_t
#include <limits>   // most elements
#include <new>      // align_val_t
#include <vector>   // owns the memory

namespace unloop::inline v0 {

/// Bytes of a line of the cache on the machines at hand; where it is more, alignment helps less and harms nothing.
inline constexpr std::size_t cache_line = 64;

/// An allocator whose memory begins at a multiple of `cache_line`.
template <class Element>
struct aligned_allocator {
    using value_type = Element;

    constexpr aligned_allocator() = default;
    template <class Other>
    constexpr aligned_allocator(const aligned_allocator<Other>&) noexcept {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] Element* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(Element)) throw std::bad_array_new_length();
        return static_cast<Element*>(::operator new(count * sizeof(Element), std::align_val_t{cache_line}));
    }
    void deallocate(Element* memory, std::size_t /*count*/) noexcept {
        ::operator delete(memory, std::align_val_t{cache_line});
    }
    template <class Other>
    friend constexpr bool operator==(const aligned_allocator&, const aligned_allocator<Other>&) noexcept {
        return true;
    }
};

/// What kernels read again and again: with lines of 64 bytes and vectors of 32, every second read of a `std::vector`,
/// which begins at a multiple of 16, crosses from one line into the next and takes twice as long.
template <class Element>
using aligned_vector = std::vector<Element, aligned_allocator<Element>>;

}  // namespace unloop::inline v0

#endif
