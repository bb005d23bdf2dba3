// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A journal that the user may not have asked for.
#ifndef UNLOOP_EXAMPLES_OPTIONAL_JOURNAL_HPP
#define UNLOOP_EXAMPLES_OPTIONAL_JOURNAL_HPP

#include <optional>     // maybe none
#include <type_traits>  // what it finds

namespace tool {

/// Finds and keeps nothing while there is no file.
template <class Journal>
struct optional_journal {
    std::optional<Journal> file;

    template <class... Key>
    [[nodiscard]] auto find(const Key&... key) const -> std::decay_t<decltype(file->find(key...))> {
        if (!file) return std::nullopt;
        return file->find(key...);
    }
    template <class... Entry>
    void keep(const Entry&... entry) {
        if (file) file->keep(entry...);
    }
};

}  // namespace tool

#endif
