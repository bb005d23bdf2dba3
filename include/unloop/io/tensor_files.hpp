// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Several mapped files as one set of tensors: a checkpoint in shards.
#ifndef UNLOOP_IO_TENSOR_FILES_HPP
#define UNLOOP_IO_TENSOR_FILES_HPP

#include <unloop/core/expects.hpp>
#include <unloop/io/tensor_file.hpp>

#include <cstddef>      // byte
#include <span>         // bytes
#include <string>       // paths
#include <string_view>  // names
#include <utility>      // move
#include <vector>       // files, tensors

namespace unloop::inline v0 {

/// Offers what `tensor_file` does; views and spans point into the files' mappings. `stored_tensor::file` counts the
/// files.
class tensor_files {
  public:
    /// `path` stands for the whole. Throws `error` when two files have a tensor of the same name.
    tensor_files(std::string path, std::vector<tensor_file> files) : path_(std::move(path)), files_(std::move(files)) {
        for (std::size_t file = 0; file < files_.size(); ++file)
            for (const stored_tensor& tensor : files_[file].tensors()) {
                if (!index_.insert(tensor.name, tensors_.size()))
                    throw error({files_[file].path(), tensor.name, tensor.offset},
                                "the tensor is in " + path_of(at(tensor.name)) + " as well");
                tensors_.push_back(tensor);
                tensors_.back().file = file;
            }
    }

    /// The folder.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::span<const tensor_file> files() const noexcept { return files_; }
    [[nodiscard]] const std::string& path_of(const stored_tensor& tensor) const noexcept {
        return file_of(tensor).path();
    }
    /// File by file, each in its own order.
    [[nodiscard]] std::span<const stored_tensor> tensors() const noexcept { return tensors_; }

    /// Null when there is none. O(1).
    [[nodiscard]] const stored_tensor* find(std::string_view name) const {
        const auto position = index_.find(name);
        return position ? &tensors_[*position] : nullptr;
    }
    /// Throws `error` when there is none. O(1).
    [[nodiscard]] const stored_tensor& at(std::string_view name) const {
        const stored_tensor* const tensor = find(name);
        if (tensor == nullptr) throw error({path_, std::string(name), {}}, "there is no such tensor");
        return *tensor;
    }

    [[nodiscard]] std::span<const std::byte> bytes(const stored_tensor& tensor) const {
        return file_of(tensor).bytes(tensor);
    }
    /// To edit in memory; the files themselves never change.
    [[nodiscard]] std::span<std::byte> writable(const stored_tensor& tensor) {
        expects(tensor.file < files_.size(), "tensor_files: a tensor of these files");
        return files_[tensor.file].writable(tensor);
    }
    /// See `tensor_file::weights`.
    [[nodiscard]] weight_view weights(const stored_tensor& tensor) const { return file_of(tensor).weights(tensor); }
    [[nodiscard]] weight_view weights(std::string_view name) const { return weights(at(name)); }

  private:
    [[nodiscard]] const tensor_file& file_of(const stored_tensor& tensor) const noexcept {
        expects(tensor.file < files_.size(), "tensor_files: a tensor of these files");
        return files_[tensor.file];
    }

    std::string path_;
    std::vector<tensor_file> files_;
    std::vector<stored_tensor> tensors_;
    name_index index_;
};

}  // namespace unloop::inline v0

#endif
