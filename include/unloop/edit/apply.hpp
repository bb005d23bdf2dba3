// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan in a file: a copy of the checkpoint in which the rows of the edited neurons differ, and the way back.
#ifndef UNLOOP_EDIT_APPLY_HPP
#define UNLOOP_EDIT_APPLY_HPP

#include <unloop/edit/edited_rows.hpp>
#include <unloop/io/mapped_file.hpp>

#include <span>     // rows
#include <string>   // paths
#include <utility>  // move
#include <vector>   // patches

namespace unloop::inline v0 {

struct apply_options {
    bool dry_run = false;  ///< work out the receipt and write nothing
};

namespace detail {

/// Bytes of a file as they are on disk; an edit in memory of a mapping that is open elsewhere does not show.
class file_on_disk {
  public:
    explicit file_on_disk(const std::string& path) : file_(path) {}
    [[nodiscard]] std::span<const std::byte> operator()(const stored_tensor& tensor, const weight_view& weights,
                                                        std::size_t row) const {
        return at(tensor.offset + row * weights.row_stride, weights.row_bytes());
    }
    [[nodiscard]] std::span<const std::byte> at(std::uint64_t offset, std::size_t bytes) const {
        const std::size_t size = file_.bytes().size();
        if (bytes > size || offset > size - bytes)
            throw error({file_.path(), {}, offset}, "the file is shorter than when it was opened");
        return file_.bytes().subspan(static_cast<std::size_t>(offset), bytes);
    }

  private:
    mapped_file file_;
};

}  // namespace detail

/// Writes `target`: the file of `checkpoint` as it is on disk, with the rows of `up` of the edited neurons scaled in
/// their own format, and every other byte the same. `target` appears whole or not at all (see `write_patched_copy`).
/// Throws `error`, before anything is written, when the plan is empty or cannot be applied (see `prepare_edit`), or
/// when both paths name one file. O(bytes of the file), far less where the file system shares blocks.
template <checkpoint_file Checkpoint>
receipt apply(const plan& edits, const Checkpoint& checkpoint, const std::string& target, apply_options options = {}) {
    if (edits.empty()) throw error("the plan is empty; it would make an unedited copy");
    const detail::file_on_disk source(checkpoint.path());
    prepared_edit prepared = prepare_edit(edits, checkpoint, source);
    prepared.changes.target = target;
    prepared.changes.is_dry_run = options.dry_run;
    if (!options.dry_run) write_patched_copy(checkpoint.path(), prepared.patches, target);
    return std::move(prepared.changes);
}

/// Writes `target`: the file `edited` with the bytes that the edit of `done` replaced put back, so that it equals the
/// file that was edited. Throws `error` when the rows of `edited` are not those that the edit left behind.
inline void undo(const receipt& done, const std::string& edited, const std::string& target) {
    const detail::file_on_disk source(edited);
    std::vector<byte_patch> patches;
    for (const tensor_change& change : done.tensors) {
        sha256 hash;
        for (const replaced_row& row : change.rows) {
            hash.update(source.at(row.offset, row.bytes.size()));
            patches.push_back({row.offset, row.bytes});
        }
        if (hash.finish() != change.hash_after)
            throw error({edited, change.tensor, {}}, "these rows are not those that the edit wrote");
    }
    write_patched_copy(edited, patches, target);
}

}  // namespace unloop::inline v0

#endif
