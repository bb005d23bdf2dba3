// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Zeros that cost nothing until they are touched: memory for what may be large and is filled little by little.
#ifndef UNLOOP_TENSOR_ZEROED_MEMORY_HPP
#define UNLOOP_TENSOR_ZEROED_MEMORY_HPP

#include <unloop/tensor/aligned_vector.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // uintptr_t
#include <cstdlib>      // calloc, free
#include <limits>       // most elements
#include <memory>       // unique_ptr
#include <new>          // bad_alloc
#include <span>         // values
#include <type_traits>  // is_trivially_copyable_v

namespace unloop::inline v0 {

/// `count` elements of zero bytes, at a line of the cache. Systems hand out large memory page by page when it is first
/// touched: what is never reached takes no memory, and threads share the time that the rest takes, where a vector's
/// zeros are written by one. Moved, not copied. Throws `std::bad_alloc`.
template <class Element>
    requires(std::is_trivially_copyable_v<Element> && cache_line % sizeof(Element) == 0)
class zeroed_memory {
  public:
    explicit zeroed_memory(std::size_t count) : size_(count) {
        constexpr std::size_t line = cache_line / sizeof(Element);
        if (count > std::numeric_limits<std::size_t>::max() - line) throw std::bad_array_new_length();
        memory_.reset(static_cast<Element*>(std::calloc(count + line, sizeof(Element))));
        if (!memory_) throw std::bad_alloc();
        const auto past_line = reinterpret_cast<std::uintptr_t>(memory_.get()) % cache_line;
        first_ = memory_.get() + (cache_line - past_line) % cache_line / sizeof(Element);
    }

    [[nodiscard]] Element* data() const noexcept { return first_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    operator std::span<Element>() const noexcept { return {first_, size_}; }

  private:
    struct release {
        void operator()(Element* memory) const noexcept { std::free(memory); }
    };
    std::unique_ptr<Element[], release> memory_;
    Element* first_ = nullptr;
    std::size_t size_;
};

}  // namespace unloop::inline v0

#endif
