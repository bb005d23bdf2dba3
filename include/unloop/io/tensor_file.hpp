// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A mapped file and the tensors in it: the part of a checkpoint that is the same for every file format.
#ifndef UNLOOP_IO_TENSOR_FILE_HPP
#define UNLOOP_IO_TENSOR_FILE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/name_index.hpp>
#include <unloop/io/stored_tensor.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <span>         // bytes
#include <string_view>  // names
#include <vector>       // tensors

namespace unloop::inline v0 {

/// Base of `gguf::checkpoint` and `safetensors::checkpoint`. Views and spans that it hands out point into the mapping:
/// they hold while a copy of `mapping()` lives, and see what is written through `writable`.
class tensor_file {
  public:
    /// `tensors` lie inside the file (readers check this first). Throws `error` when two have the same name.
    tensor_file(mapped_file file, std::vector<stored_tensor> tensors)
        : file_(std::move(file)), tensors_(std::move(tensors)) {
        for (std::size_t i = 0; i < tensors_.size(); ++i)
            if (!index_.insert(tensors_[i].name, i))
                throw error({path(), tensors_[i].name, tensors_[i].offset}, "two tensors have this name");
    }

    [[nodiscard]] const std::string& path() const noexcept { return file_.path(); }
    [[nodiscard]] const std::string& path_of(const stored_tensor& /*tensor*/) const noexcept { return path(); }
    [[nodiscard]] const mapped_file& mapping() const noexcept { return file_; }
    /// In the order of the file's own list (GGUF) or of the data (safetensors).
    [[nodiscard]] std::span<const stored_tensor> tensors() const noexcept { return tensors_; }

    /// Null when there is none. O(1).
    [[nodiscard]] const stored_tensor* find(std::string_view name) const {
        const auto position = index_.find(name);
        return position ? &tensors_[*position] : nullptr;
    }
    /// Throws `error` when there is none. O(1).
    [[nodiscard]] const stored_tensor& at(std::string_view name) const {
        const stored_tensor* const tensor = find(name);
        if (tensor == nullptr) throw error({path(), std::string(name), {}}, "there is no such tensor");
        return *tensor;
    }

    [[nodiscard]] std::span<const std::byte> bytes(const stored_tensor& tensor) const {
        expects_inside(tensor);
        return file_.bytes().subspan(tensor.offset, tensor.bytes);
    }
    /// To edit in memory; the file itself never changes.
    [[nodiscard]] std::span<std::byte> writable(const stored_tensor& tensor) {
        expects_inside(tensor);
        return file_.writable().subspan(tensor.offset, tensor.bytes);
    }

    /// [rows, columns]: columns is the last dimension, rows the product of the others (1 for a vector or a scalar).
    /// Throws `error` when the tensor's format cannot be computed with.
    [[nodiscard]] weight_view weights(const stored_tensor& tensor) const {
        if (!tensor.format)
            throw error({path(), tensor.name, tensor.offset},
                        "cannot compute with numbers of type " + tensor.type_name);
        const std::size_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
        std::size_t rows = 1;
        for (std::size_t i = 0; i + 1 < tensor.shape.size(); ++i) rows *= tensor.shape[i];
        return {*tensor.format, rows, columns, bytes_of(*tensor.format, columns), bytes(tensor).data()};
    }
    [[nodiscard]] weight_view weights(std::string_view name) const { return weights(at(name)); }

  private:
    void expects_inside(const stored_tensor& tensor) const noexcept {
        const std::size_t size = file_.bytes().size();
        expects(tensor.bytes <= size && tensor.offset <= size - tensor.bytes, "tensor_file: a tensor of this file");
    }

    mapped_file file_;
    std::vector<stored_tensor> tensors_;
    name_index index_;
};

}  // namespace unloop::inline v0

#endif
