// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Opens whatever a path holds: a folder as transformers saves it, or a GGUF file.
#ifndef UNLOOP_IO_OPEN_HPP
#define UNLOOP_IO_OPEN_HPP

#include <unloop/io/gguf_model.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include <concepts>     // same_as
#include <cstddef>      // byte
#include <cstdint>      // uint64_t
#include <span>         // tensors
#include <string>       // paths
#include <string_view>  // endings
#include <utility>      // move
#include <variant>      // either container

namespace unloop::inline v0 {

/// A checkpoint whose container is known when the program runs. So a program has one model type a family, not one for
/// every container.
class any_checkpoint {
  public:
    explicit any_checkpoint(gguf::checkpoint file) : held_(std::move(file)) {}
    explicit any_checkpoint(hugging_face::checkpoint folder) : held_(std::move(folder)) {}

    /// Calls `use` with the container as it is, a `gguf::checkpoint` or a `hugging_face::checkpoint`; `use` returns the
    /// same type for both.
    template <class Use>
    decltype(auto) visit(Use&& use) const {
        return std::visit(std::forward<Use>(use), held_);
    }

    [[nodiscard]] const std::string& path() const {
        return visit([](const auto& file) -> const std::string& { return file.path(); });
    }
    [[nodiscard]] const std::string& path_of(const stored_tensor& tensor) const {
        return visit([&](const auto& file) -> const std::string& { return file.path_of(tensor); });
    }
    [[nodiscard]] const stored_tensor* find(std::string_view name) const {
        return visit([&](const auto& file) { return file.find(name); });
    }
    [[nodiscard]] std::span<const stored_tensor> tensors() const {
        return visit([](const auto& file) -> std::span<const stored_tensor> { return file.tensors(); });
    }
    [[nodiscard]] weight_view weights(const stored_tensor& tensor) const {
        return visit([&](const auto& file) { return file.weights(tensor); });
    }
    [[nodiscard]] std::span<const std::byte> bytes(const stored_tensor& tensor) const {
        return visit([&](const auto& file) { return file.bytes(tensor); });
    }
    [[nodiscard]] std::span<std::byte> writable(const stored_tensor& tensor) {
        return std::visit([&](auto& file) { return file.writable(tensor); }, held_);
    }

  private:
    std::variant<gguf::checkpoint, hugging_face::checkpoint> held_;
};

[[nodiscard]] inline decoder_config read_config(const any_checkpoint& file) {
    return file.visit([](const auto& held) { return read_config(held); });
}
[[nodiscard]] inline tokenizer_data read_tokenizer(const any_checkpoint& file) {
    return file.visit([](const auto& held) { return read_tokenizer(held); });
}
[[nodiscard]] inline tensor_part locate(const any_checkpoint& file, parameter_name parameter) {
    return file.visit([&](const auto& held) { return locate(held, parameter); });
}
[[nodiscard]] inline bool is_foreign(const any_checkpoint& file, const stored_tensor& tensor) {
    return file.visit([&](const auto& held) { return is_foreign(held, tensor); });
}

/// Bytes of all files of the weights.
[[nodiscard]] inline std::uint64_t weight_bytes(const any_checkpoint& file) {
    struct counter {
        std::uint64_t operator()(const gguf::checkpoint& one) const { return one.mapping().bytes().size(); }
        std::uint64_t operator()(const hugging_face::checkpoint& folder) const {
            std::uint64_t sum = 0;
            for (const tensor_file& part : folder.files()) sum += part.mapping().bytes().size();
            return sum;
        }
    };
    return file.visit(counter{});
}

/// The name that a GGUF file gives itself, else the last part of the path.
[[nodiscard]] inline std::string name_of(const any_checkpoint& file) {
    const auto* const one = file.visit([](const auto& held) -> const gguf::checkpoint* {
        if constexpr (std::same_as<decltype(held), const gguf::checkpoint&>) return &held;
        return nullptr;
    });
    std::string name = one == nullptr ? "" : one->metadata().get_or<std::string>("general.name", "");
    if (!name.empty()) return name;
    std::string_view path = file.path();
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}

/// Maps the weights at `path`: a folder with safetensors and config.json, or a GGUF file. Throws `error` as
/// `hugging_face::open` and `gguf::open` do, and for a single file out of such a folder.
[[nodiscard]] inline any_checkpoint open(const std::string& path) {
    if (is_folder(path)) return any_checkpoint(hugging_face::open(path));
    for (const std::string_view part : {".safetensors", ".safetensors.index.json", "config.json"})
        if (path.ends_with(part))
            throw error({path, {}, {}}, "is a part of a checkpoint; give the folder that holds it and its config.json");
    return any_checkpoint(gguf::open(path));
}

static_assert(checkpoint_file<any_checkpoint>);

}  // namespace unloop::inline v0

#endif
