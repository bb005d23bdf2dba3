// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Memory that is taken and given back in the order of a stack: what a backward pass keeps for a while.
#ifndef UNLOOP_BLOCKS_SCRATCH_HPP
#define UNLOOP_BLOCKS_SCRATCH_HPP

#include <unloop/tensor/aligned_vector.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>    // copy, fill, max
#include <cstddef>      // size_t, byte
#include <memory>       // unique_ptr
#include <span>         // memory
#include <type_traits>  // is_trivially_destructible_v
#include <utility>      // move
#include <vector>       // blocks

namespace unloop::inline v0 {

/// Made with as many bytes as its owner expects to need; asked for more it allocates, once. Used by one thread, the one
/// that runs the model, between parallel loops.
class scratch_stack {
  public:
    explicit scratch_stack(std::size_t bytes = 0) {
        if (bytes > 0) add_block(bytes);
    }

    /// Not initialised; begins at a line of the cache; valid until the scope in which it was taken ends. O(1)
    /// amortised.
    template <class Element>
        requires(std::is_trivially_destructible_v<Element>)
    [[nodiscard]] std::span<Element> take(std::size_t count) {
        const std::size_t bytes = rounded(count * sizeof(Element));
        for (; at_.block < blocks_.size() && at_.offset + bytes > blocks_[at_.block].size; ++at_.block) at_.offset = 0;
        if (at_.block == blocks_.size()) add_block(std::max(bytes, smallest_block));
        std::byte* const first = blocks_[at_.block].memory.get() + at_.offset;
        at_.offset += bytes, at_.used += bytes;
        peak_ = std::max(peak_, at_.used);
        return {reinterpret_cast<Element*>(first), count};
    }
    [[nodiscard]] matrix_view matrix(std::size_t rows, std::size_t columns) {
        return {take<float>(rows * columns).data(), rows, columns};
    }
    [[nodiscard]] matrix_view zeros(std::size_t rows, std::size_t columns) {
        const matrix_view made = matrix(rows, columns);
        std::fill_n(made.data(), rows * columns, 0.0F);
        return made;
    }
    [[nodiscard]] matrix_view copy(const_matrix_view from) {
        const matrix_view made = matrix(from.rows(), from.columns());
        for (std::size_t t = 0; t < from.rows(); ++t) std::copy(from[t].begin(), from[t].end(), made[t].begin());
        return made;
    }

    /// The most bytes that were in use at once.
    [[nodiscard]] std::size_t peak() const noexcept { return peak_; }

  private:
    friend class scratch_scope;

    using allocator = aligned_allocator<std::byte>;

    struct give_back {
        void operator()(std::byte* memory) const noexcept { allocator().deallocate(memory, 0); }
    };
    struct block {
        std::unique_ptr<std::byte[], give_back> memory;
        std::size_t size = 0;
    };
    struct place {
        std::size_t block = 0, offset = 0, used = 0;
    };

    static constexpr std::size_t smallest_block = 1U << 20;
    static constexpr std::size_t rounded(std::size_t bytes) noexcept {
        return (bytes + cache_line - 1) / cache_line * cache_line;
    }

    void add_block(std::size_t bytes) {
        // Not a vector: that would write every byte.
        blocks_.push_back({std::unique_ptr<std::byte[], give_back>(allocator().allocate(bytes)), bytes});
    }

    std::vector<block> blocks_;
    place at_;
    std::size_t peak_ = 0;
};

/// What is taken while it lives is given back when it ends.
class scratch_scope {
  public:
    explicit scratch_scope(scratch_stack& stack) noexcept : stack_(stack), begin_(stack.at_) {}
    scratch_scope(const scratch_scope&) = delete;
    scratch_scope& operator=(const scratch_scope&) = delete;
    ~scratch_scope() { stack_.at_ = begin_; }

  private:
    scratch_stack& stack_;
    scratch_stack::place begin_;
};

}  // namespace unloop::inline v0

#endif
