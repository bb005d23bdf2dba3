// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding: the merges of a vocabulary, applied to the symbols of a piece (Sennrich, Haddow, Birch, "Neural
// Machine Translation of Rare Words with Subword Units", ACL 2016).
#ifndef UNLOOP_IO_BPE_HPP
#define UNLOOP_IO_BPE_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/io/integer_map.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/vocabulary.hpp>

#include <algorithm>    // heap operations
#include <cstddef>      // size_t
#include <cstdint>      // uint32_t, uint64_t
#include <limits>       // the largest rank and position
#include <string>       // messages
#include <string_view>  // pieces
#include <vector>       // symbols

namespace unloop::inline v0 {

/// What two neighbouring tokens become, and how early (0 is first).
struct merge {
    std::uint32_t rank = std::numeric_limits<std::uint32_t>::max();
    token_id token = -1;
};

/// The merges of a vocabulary by pair of ids.
class merge_table {
  public:
    /// Throws `error` naming a merge whose parts or result are not tokens. Of equal merges the first counts.
    merge_table(const tokenizer_data& data, const vocabulary& words) : merges_(data.merges.size()) {
        if (data.merges.size() >= merge{}.rank) throw error("tokenizer: more merges than ranks");
        std::string both;
        for (std::size_t rank = 0; rank < data.merges.size(); ++rank) {
            const auto& [left, right] = data.merges[rank];
            both.assign(left).append(right);
            const auto id = [&](std::string_view text) {
                if (const auto found = words.find(text)) return *found;
                throw error("tokenizer: merge " + std::to_string(rank) + " ('" + left + "' '" + right + "') needs '" +
                            std::string(text) + "', which is no token");
            };
            merges_.insert(key(id(left), id(right)), {static_cast<std::uint32_t>(rank), id(both)});
        }
    }

    /// The merge of two tokens; `merge{}` if there is none. O(1).
    [[nodiscard]] merge find(token_id left, token_id right) const noexcept {
        const merge* found = merges_.find(key(left, right));
        return found != nullptr ? *found : merge{};
    }

  private:
    static std::uint64_t key(token_id left, token_id right) noexcept {
        return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) | static_cast<std::uint32_t>(right);
    }

    detail::integer_map<merge> merges_;
};

/// Applies merges; holds the memory it works in, so that pieces cost no allocation. One a thread.
class bpe_merger {
  public:
    /// Merges neighbours within ids[begin ..] until none can be: always the pair of lowest rank, of equal pairs the
    /// leftmost; `ids` shrinks. For n symbols O(n log n), whatever they are: symbols are a linked list, and a heap
    /// holds (rank, position) of every pair that can merge; an entry whose pair has changed since is dropped when it
    /// comes up. Throws `error` above 2^32 - 1 symbols.
    void operator()(const merge_table& merges, std::vector<token_id>& ids, std::size_t begin) {
        if (ids.size() - begin < 2) return;
        if (ids.size() - begin >= none) throw error("tokenizer: a piece of 2^32 bytes or more");
        link(merges, ids, begin);
        while (!heap_.empty()) {
            std::pop_heap(heap_.begin(), heap_.end(), later);
            const auto position = static_cast<std::uint32_t>(heap_.back());
            const auto rank = static_cast<std::uint32_t>(heap_.back() >> 32);
            heap_.pop_back();
            if (symbols_[position].next_merge.rank == rank) join(merges, position);
        }
        ids.resize(begin);
        for (std::uint32_t position = 0; position != none; position = symbols_[position].next)
            ids.push_back(symbols_[position].id);
    }

  private:
    static constexpr auto none = std::numeric_limits<std::uint32_t>::max();
    static constexpr auto later = [](std::uint64_t left, std::uint64_t right) { return left > right; };

    struct symbol {
        token_id id;
        std::uint32_t previous;
        std::uint32_t next;
        merge next_merge;  // with the symbol after this one; no merge for a symbol that was joined to another
    };

    void link(const merge_table& merges, const std::vector<token_id>& ids, std::size_t begin) {
        symbols_.clear();
        heap_.clear();
        const auto count = static_cast<std::uint32_t>(ids.size() - begin);
        for (std::uint32_t position = 0; position < count; ++position)
            symbols_.push_back({ids[begin + position], position == 0 ? none : position - 1,
                                position + 1 == count ? none : position + 1, merge{}});
        for (std::uint32_t position = 0; position + 1 < count; ++position) find_merge(merges, position);
    }

    /// Notes how the symbol merges with the one after it.
    void find_merge(const merge_table& merges, std::uint32_t position) {
        symbol& left = symbols_[position];
        left.next_merge = left.next == none ? merge{} : merges.find(left.id, symbols_[left.next].id);
        if (left.next_merge.token < 0) return;
        heap_.push_back((std::uint64_t{left.next_merge.rank} << 32) | position);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }

    void join(const merge_table& merges, std::uint32_t position) {
        symbol& left = symbols_[position];
        symbol& right = symbols_[left.next];
        left.id = left.next_merge.token;
        left.next = right.next;
        right.next_merge = merge{};
        if (left.next != none) symbols_[left.next].previous = position;
        find_merge(merges, position);
        if (left.previous != none) find_merge(merges, left.previous);
    }

    std::vector<symbol> symbols_;
    std::vector<std::uint64_t> heap_;
};

/// Merge engine of a tokenizer. `Symbols` gives the tokens that a piece begins as: bytes (`byte_symbols`), or code
/// points with bytes for those that have no token (`code_point_symbols`).
template <class Symbols>
class bpe {
  public:
    using workspace = bpe_merger;
    static constexpr std::string_view model = Symbols::model;  ///< `tokenizer_data::model`

    bpe(const tokenizer_data& data, const vocabulary& words) : symbols_(data, words), merges_(data, words) {}

    /// Appends the tokens of one piece.
    void encode(std::string_view piece, unknown_symbols unknown, workspace& merger, std::vector<token_id>& ids) const {
        const std::size_t begin = ids.size();
        symbols_.append(piece, unknown, ids);
        merger(merges_, ids, begin);
    }

  private:
    Symbols symbols_;
    merge_table merges_;
};

}  // namespace unloop::inline v0

#endif
