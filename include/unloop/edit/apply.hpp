// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A plan on disk: a copy of the checkpoint in which the rows of the edited neurons differ, and the way back.
#ifndef UNLOOP_EDIT_APPLY_HPP
#define UNLOOP_EDIT_APPLY_HPP

#include <unloop/edit/edited_rows.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/patched_directory.hpp>

#include <cstddef>  // byte
#include <cstdint>  // offsets
#include <map>      // open files
#include <span>     // rows
#include <string>   // paths
#include <utility>  // move
#include <vector>   // patches

namespace unloop::inline v0 {

struct apply_options {
    bool dry_run = false;  ///< work out the receipt and write nothing
};

namespace detail {

/// Bytes of files as they are on disk; an edit in memory of a mapping that is open elsewhere does not show. Files are
/// mapped when they are first asked for.
class files_on_disk {
  public:
    [[nodiscard]] std::span<const std::byte> at(const std::string& path, std::uint64_t offset, std::size_t bytes) {
        const mapped_file& file = open_.try_emplace(path, path).first->second;
        const std::size_t size = file.bytes().size();
        if (bytes > size || offset > size - bytes)
            throw error({path, {}, offset}, "the file is shorter than when it was opened");
        return file.bytes().subspan(static_cast<std::size_t>(offset), bytes);
    }

  private:
    std::map<std::string, mapped_file> open_;
};

[[nodiscard]] inline std::string name_in_folder(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Writes `target`, a copy of `source` with the bytes of `patches`, one for each row of `changes`.
template <class Progress>
void write_copy(const std::string& source, const receipt& changes, std::vector<byte_patch> patches,
                const std::string& target, Progress& progress) {
    if (!is_folder(source)) return write_patched_copy(source, patches, target, progress);
    patches_by_file grouped;
    std::size_t i = 0;
    for (const tensor_change& change : changes.tensors)
        for (std::size_t row = 0; row < change.rows.size(); ++row)
            grouped[name_in_folder(change.file)].push_back(std::move(patches[i++]));
    write_patched_directory(source, grouped, target, progress);
}

}  // namespace detail

/// Writes `target`: the file or folder of `checkpoint` as it is on disk, with the rows of the plan's targets scaled in
/// their own format, and every other byte the same. `target` appears whole or not at all (see `write_patched_copy` and
/// `write_patched_directory`; a folder must not exist yet, or be empty). Throws `error`, before anything is written,
/// when the plan is empty or cannot be applied (see `prepare_edit`), or when the target cannot be; and when the
/// progress sink, which sees the copying, says stop. O(bytes of the checkpoint), far less where the file system shares
/// blocks.
template <checkpoint_file Checkpoint, class Progress = no_progress>
receipt apply(const plan& edits, const Checkpoint& checkpoint, const std::string& target, apply_options options = {},
              Progress&& progress = {}) {
    if (edits.empty()) throw error("the plan is empty; it would make an unedited copy");
    detail::files_on_disk source;
    const auto read = [&](const stored_tensor& tensor, const weight_view& weights, std::size_t row) {
        return source.at(checkpoint.path_of(tensor), tensor.offset + row * weights.row_stride, weights.row_bytes());
    };
    prepared_edit prepared = prepare_edit(edits, checkpoint, read);
    prepared.changes.target = target;
    prepared.changes.is_dry_run = options.dry_run;
    if (!options.dry_run)
        detail::write_copy(checkpoint.path(), prepared.changes, std::move(prepared.patches), target, progress);
    return std::move(prepared.changes);
}

/// Writes `target`: the file or folder `edited` with the bytes that the edit of `done` replaced put back, so that it
/// equals what was edited. Throws `error` when the rows of `edited` are not those that the edit left behind.
template <class Progress = no_progress>
void undo(const receipt& done, const std::string& edited, const std::string& target, Progress&& progress = {}) {
    detail::files_on_disk source;
    std::vector<byte_patch> patches;
    const bool has_files = is_folder(edited);
    for (const tensor_change& change : done.tensors) {
        const std::string file = has_files ? edited + "/" + detail::name_in_folder(change.file) : edited;
        sha256 hash;
        for (const replaced_row& row : change.rows) {
            hash.update(source.at(file, row.offset, row.bytes.size()));
            patches.push_back({row.offset, row.bytes});
        }
        if (hash.finish() != change.hash_after)
            throw error({file, change.tensor, {}}, "these rows are not those that the edit wrote");
    }
    detail::write_copy(edited, done, std::move(patches), target, progress);
}

}  // namespace unloop::inline v0

#endif
