// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan in the weights of a loaded model, for as long as a scope lasts.
#ifndef UNLOOP_EDIT_IN_MEMORY_HPP
#define UNLOOP_EDIT_IN_MEMORY_HPP

#include <unloop/edit/edited_rows.hpp>

#include <algorithm>  // copy
#include <cstddef>    // byte
#include <span>       // rows
#include <utility>    // move
#include <vector>     // places

namespace unloop::inline v0 {

/// Edits the model's weights at once and restores every byte on leaving the scope; the file on disk never changes.
/// Scopes nest: the last one made must be the first to end. The model must outlive the scope and must not run while
/// one begins or ends. All models over one mapping see the edit, but for vectors that another model has widened to
/// float32. An empty plan does nothing. `Model` is a `language_model`, or has its `file()`.
template <class Model>
class scoped_edit {
  public:
    /// Throws `error` as `prepare_edit` does, and then nothing has changed.
    scoped_edit(Model& model, const plan& edits) : model_(model) {
        prepared_edit prepared = prepare_edit(edits, model.file());
        changes_ = std::move(prepared.changes);
        for (const tensor_change& change : changes_.tensors) {
            const stored_tensor& tensor = *model.file().find(change.tensor);
            for (const replaced_row& row : change.rows)
                places_.push_back(model.file().writable(tensor).subspan(row.offset - tensor.offset, row.bytes.size()));
        }
        for (std::size_t i = 0; i < places_.size(); ++i) write(prepared.patches[i].bytes, places_[i]);
        reread();
    }
    scoped_edit(const scoped_edit&) = delete;
    scoped_edit& operator=(const scoped_edit&) = delete;
    ~scoped_edit() {
        std::size_t i = 0;
        for (const tensor_change& change : changes_.tensors)
            for (const replaced_row& row : change.rows) write(row.bytes, places_[i++]);
        reread();
    }

    [[nodiscard]] const receipt& changes() const noexcept { return changes_; }

  private:
    static void write(std::span<const std::byte> bytes, std::span<std::byte> to) noexcept {
        std::copy(bytes.begin(), bytes.end(), to.begin());
    }
    void reread() noexcept {
        if constexpr (requires { model_.reread_vectors(); }) model_.reread_vectors();
    }

    Model& model_;
    receipt changes_;
    std::vector<std::span<std::byte>> places_;  ///< of the touched rows, in the order of the receipt
};

template <class Model>
scoped_edit(Model&, const plan&) -> scoped_edit<Model>;

}  // namespace unloop::inline v0

#endif
