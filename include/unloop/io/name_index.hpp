// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// From a name to its place in a list, in constant time.
#ifndef UNLOOP_IO_NAME_INDEX_HPP
#define UNLOOP_IO_NAME_INDEX_HPP

#include <cstddef>        // size_t
#include <optional>       // a name that is not there
#include <string>         // names
#include <string_view>    // hash, look-up without a copy
#include <unordered_map>  // the table
#include <utility>        // move

namespace unloop::inline v0 {

class name_index {
  public:
    /// False, and nothing changes, when the name is taken.
    [[nodiscard]] bool insert(std::string name, std::size_t position) {
        return table_.emplace(std::move(name), position).second;
    }

    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const {
        const auto found = table_.find(name);
        if (found == table_.end()) return std::nullopt;
        return found->second;
    }

  private:
    struct text_hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct text_equal {
        using is_transparent = void;
        bool operator()(std::string_view left, std::string_view right) const noexcept { return left == right; }
    };
    std::unordered_map<std::string, std::size_t, text_hash, text_equal> table_;
};

}  // namespace unloop::inline v0

#endif
