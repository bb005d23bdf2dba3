// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A model ready to use: decoder, tokenizer, chat format, and the file whose mapping the weights live in.
#ifndef UNLOOP_IO_LANGUAGE_MODEL_HPP
#define UNLOOP_IO_LANGUAGE_MODEL_HPP

#include <unloop/io/any_chat_format.hpp>
#include <unloop/io/any_tokenizer.hpp>
#include <unloop/io/checkpoint.hpp>

#include <cstring>   // memcpy
#include <optional>  // tokenizers that a file may lack
#include <set>       // tensors that are bound
#include <string>    // names
#include <utility>   // move
#include <vector>    // widened vectors

namespace unloop::inline v0 {

/// Shares ownership of the file's mapping with the checkpoint that it was loaded from; moved, not copied.
template <class Decoder, checkpoint_file Checkpoint>
class language_model {
  public:
    using decoder_type = Decoder;

    /// Binds every parameter to its tensor. Throws `error` naming the file and the tensor that is missing, left over,
    /// of the wrong shape or in a format that cannot be computed with.
    language_model(Checkpoint file, typename Decoder::backend_type backend)
        : file_(std::move(file)), decoder_(read_config(file_), std::move(backend)) {
        std::set<std::string> bound;
        decoder_.for_each_parameter([&](parameter_name name, parameter_shape shape, auto& slot) {
            tensor_part part = locate(file_, name);
            bind(part, shape, slot);
            bound.insert(std::move(part.tensor));
        });
        decoder_.tie_head();
        for (const stored_tensor& tensor : file_.tensors())
            if (!bound.contains(tensor.name) && !is_foreign(file_, tensor))
                throw error({file_.path_of(tensor), tensor.name, tensor.offset}, "is no parameter of this family");
        tokenizer_data data = read_tokenizer(file_);
        if (!data.tokens.empty()) tokenizer_.emplace(data);
        chat_template_ = std::move(data.chat_template);
    }
    language_model(language_model&&) noexcept = default;
    language_model& operator=(language_model&&) noexcept = default;

    [[nodiscard]] const Decoder& decoder() const noexcept { return decoder_; }
    [[nodiscard]] const decoder_config& config() const noexcept { return decoder_.config(); }
    [[nodiscard]] const Checkpoint& file() const noexcept { return file_; }
    /// To edit weights in memory; the file itself never changes. See edit/in_memory.hpp.
    [[nodiscard]] Checkpoint& file() noexcept { return file_; }
    /// To be called after a change of weights in memory: small vectors that are not float32 in the file were widened
    /// when they were bound, and are read again.
    void reread_vectors() noexcept {
        for (widened_vector& vector : widened_) decode_row(vector.stored, 0, vector.values);
    }

    [[nodiscard]] bool has_tokenizer() const noexcept { return tokenizer_.has_value(); }
    /// Throws `error` when the file has no tokenizer.
    [[nodiscard]] const any_tokenizer& tokenizer() const {
        if (!tokenizer_) throw error({file_.path(), {}, {}}, "has no tokenizer; give token ids instead of text");
        return *tokenizer_;
    }
    /// The format of the file's chat template. Throws `error` when there is no template or it is not one that is known.
    [[nodiscard]] any_chat_format chat_format() const {
        if (chat_template_.empty()) throw error({file_.path(), {}, {}}, "has no chat template; give a plain prompt");
        return read_chat_template(chat_template_);
    }
    /// `messages` as the file's chat template renders them. Throws `error`, see `chat_format`, and when the format does
    /// not have the options.
    [[nodiscard]] std::string render_chat(std::span<const chat_message> messages,
                                          const chat_options& options = {}) const {
        return chat_format().render(messages, options);
    }

  private:
    struct widened_vector {
        weight_view stored;
        std::vector<float> values;
    };

    void bind(const tensor_part& part, parameter_shape shape, matrix_parameter& slot) { slot = checked(part, shape); }
    /// A vector in float32 stays where it lies; any other is widened once.
    void bind(const tensor_part& part, parameter_shape shape, vector_parameter& slot) {
        const weight_view stored = checked(part, shape);
        const auto address = reinterpret_cast<std::uintptr_t>(stored.data);
        if (stored.format == number_format::f32 && address % alignof(float) == 0) {
            slot = {reinterpret_cast<const float*>(stored.data), stored.columns};
            return;
        }
        widened_.push_back({stored, std::vector<float>(stored.columns)});
        decode_row(stored, 0, widened_.back().values);
        slot = widened_.back().values;
    }
    [[nodiscard]] weight_view checked(const tensor_part& part, parameter_shape shape) const {
        const stored_tensor* const tensor = file_.find(part.tensor);
        if (tensor == nullptr) throw error({file_.path(), part.tensor, {}}, "there is no such tensor");
        const weight_view weights = file_.weights(*tensor);
        if (weights.rows != shape.rows * part.count || weights.columns != shape.columns)
            throw error({file_.path_of(*tensor), tensor->name, tensor->offset},
                        "is " + std::to_string(weights.rows) + " x " + std::to_string(weights.columns) +
                            ", the configuration asks for " + std::to_string(shape.rows * part.count) + " x " +
                            std::to_string(shape.columns));
        return slice(weights, part);
    }

    Checkpoint file_;
    Decoder decoder_;
    std::vector<widened_vector> widened_;
    std::optional<any_tokenizer> tokenizer_;
    std::string chat_template_;
};

}  // namespace unloop::inline v0

#endif
