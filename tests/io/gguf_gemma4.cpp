// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// GGUF of architecture gemma4: the same model as the checkpoint that it was made from, and refusals by key.
#include <unloop/io/gguf_gemma4.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/io/gguf_model.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/kernels.hpp>
#include <unloop/model/gemma4.hpp>

#include <algorithm>
#include <cstring>
#include <set>

#include "scratch_folder.hpp"
#include "support/fault_of.hpp"

using namespace unloop;

namespace {

/// A golden file with bytes changed.
class changed_file {
  public:
    explicit changed_file(const std::string& name) : bytes_(test::read_file(test::golden("gguf/" + name))) {}

    /// The first `old` becomes `replacement`, of the same length.
    changed_file& replace(const std::string& old, const std::string& replacement) {
        REQUIRE(old.size() == replacement.size());
        const auto from = test::bytes_of(old), to = test::bytes_of(replacement);
        const auto found = std::ranges::search(bytes_, from);
        REQUIRE(!found.empty());
        std::ranges::copy(to, found.begin());
        return *this;
    }
    /// Sets the number right behind a key and `skip` bytes: 4 past the type of a scalar, 16 past a list's type and
    /// length.
    template <class Number>
    changed_file& set(const std::string& key, std::ptrdiff_t skip, Number value) {
        const auto found = std::ranges::search(bytes_, test::bytes_of(key));
        REQUIRE(!found.empty());
        std::memcpy(&*found.end() + skip, &value, sizeof value);
        return *this;
    }
    [[nodiscard]] gguf::checkpoint open() const {
        const test::scratch_folder folder;  // the mapping outlives it
        test::write_file(folder.file("changed.gguf"), bytes_);
        return gguf::open(folder.file("changed.gguf"));
    }
    [[nodiscard]] std::string fault() const {
        return test::fault_of([&] { (void)read_config(open()); });
    }
    [[nodiscard]] test::byte_vector& bytes() { return bytes_; }

  private:
    test::byte_vector bytes_;
};

std::vector<float> row(const weight_view& weights, std::size_t i) {
    std::vector<float> values(weights.columns);
    decode_row(weights, i, values);
    return values;
}

void append(test::byte_vector& to, const auto& number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    to.insert(to.end(), bytes.begin(), bytes.end());
}
void append_text(test::byte_vector& to, const std::string& text) {
    append(to, std::uint64_t{text.size()});
    const auto bytes = test::bytes_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// One entry of a file's list of tensors.
struct written_tensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::uint32_t type;
    test::byte_vector data;
};

/// Tensor [experts, 2 width, hidden] as two of [experts, width, hidden].
std::vector<written_tensor> split_stack(const gguf::checkpoint& file, const stored_tensor& stack) {
    const auto bytes = file.bytes(stack);
    const std::size_t half = bytes.size() / stack.shape[0] / 2;
    std::vector<written_tensor> made;
    for (const std::size_t second : {0U, 1U}) {
        made.push_back({stack.name, {stack.shape[0], stack.shape[1] / 2, stack.shape[2]}, 30, {}});
        made.back().name.replace(stack.name.find("gate_up"), 7, second == 0 ? "gate" : "up");
        for (std::size_t expert = 0; expert < stack.shape[0]; ++expert) {
            const auto part = bytes.subspan((2 * expert + second) * half, half);
            made.back().data.insert(made.back().data.end(), part.begin(), part.end());
        }
    }
    return made;
}

/// The file with the same keys, and gate and up of the experts in two tensors, as older converters write them.
test::byte_vector with_split_experts(const gguf::checkpoint& file) {
    std::vector<written_tensor> tensors;
    for (const stored_tensor& tensor : file.tensors()) {
        const auto bytes = file.bytes(tensor);
        if (tensor.name.find("gate_up") == std::string::npos)
            tensors.push_back(
                {tensor.name, tensor.shape, tensor.type_name == "F32" ? 0U : 30U, {bytes.begin(), bytes.end()}});
        else
            for (written_tensor& half : split_stack(file, tensor)) tensors.push_back(std::move(half));
    }
    test::byte_vector first;
    append_text(first, file.tensors()[0].name);
    const auto old = file.mapping().bytes();
    const auto list = std::ranges::search(old, first);  // where the keys end
    test::byte_vector out(old.begin(), old.begin() + 8), data;
    append(out, std::uint64_t{tensors.size()});
    out.insert(out.end(), old.begin() + 16, list.begin());
    for (const written_tensor& tensor : tensors) {
        append_text(out, tensor.name);
        append(out, static_cast<std::uint32_t>(tensor.shape.size()));
        for (std::size_t i = tensor.shape.size(); i-- > 0;) append(out, tensor.shape[i]);
        append(out, tensor.type);
        append(out, std::uint64_t{data.size()});
        data.insert(data.end(), tensor.data.begin(), tensor.data.end());
        data.resize((data.size() + 31) / 32 * 32);
    }
    out.resize((out.size() + 31) / 32 * 32);
    out.insert(out.end(), data.begin(), data.end());
    return out;
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a GGUF file describes the same layers as the checkpoint that it was made from") {
    for (const std::string name : {"e_like", "moe"}) {
        INFO(name);
        const decoder_config read = read_config(gguf::open(test::golden("gguf/" + name + ".bf16.gguf")));
        const decoder_config wanted = hugging_face::open(test::golden("models/" + name)).config();
        CHECK(read.family == wanted.family);
        CHECK(read.hidden == wanted.hidden);
        CHECK(read.vocabulary == wanted.vocabulary);
        CHECK(read.context == wanted.context);
        CHECK(read.norm_epsilon == wanted.norm_epsilon);
        CHECK(read.tied_head == wanted.tied_head);
        CHECK(read.embedding_scale == wanted.embedding_scale);
        CHECK(read.logit_cap == wanted.logit_cap);
        CHECK(read.layer_input == wanted.layer_input);
        CHECK(read.rotary_tables == wanted.rotary_tables);
        REQUIRE(read.layers.size() == wanted.layers.size());
        for (std::size_t i = 0; i < read.layers.size(); ++i) {
            INFO(i);
            const layer_traits &layer = read.layers[i], &other = wanted.layers[i];
            CHECK(layer.heads == other.heads);
            CHECK(layer.key_value_heads == other.key_value_heads);
            CHECK(layer.head_size == other.head_size);
            CHECK(layer.mlp_width == other.mlp_width);
            CHECK(layer.experts == other.experts);
            CHECK(layer.experts_used == other.experts_used);
            CHECK(layer.expert_width == other.expert_width);
            CHECK(layer.layer_input == other.layer_input);
            CHECK(layer.attention_scale == other.attention_scale);
            CHECK(layer.window == other.window);
            CHECK(layer.key_value_layer == other.key_value_layer);
            CHECK(layer.values_from_keys == other.values_from_keys);
            CHECK(layer.rotary_pairs == other.rotary_pairs);
            CHECK(layer.rotary_table == other.rotary_table);
        }
    }
}

TEST_CASE("every parameter has the same values in GGUF as in safetensors, and no tensor is left over") {
    for (const std::string name : {"e_like", "moe"}) {
        const auto file = gguf::open(test::golden("gguf/" + name + ".bf16.gguf"));
        const auto source = hugging_face::open(test::golden("models/" + name));
        std::set<std::string> bound;
        gemma4<reference> decoder(read_config(file), {});
        decoder.for_each_parameter([&](parameter_name parameter, parameter_shape shape, auto&) {
            const tensor_part here = locate(file, parameter), there = locate(source, parameter);
            INFO(here.tensor << " " << there.tensor);
            REQUIRE(file.find(here.tensor) != nullptr);
            const weight_view left = slice(file.weights(here.tensor), here);
            const weight_view right = slice(source.weights(there.tensor), there);
            REQUIRE(left.rows == shape.rows);
            REQUIRE(right.rows == shape.rows);
            bool equal = left.columns == shape.columns && right.columns == shape.columns;
            for (std::size_t i = 0; equal && i < shape.rows; ++i) equal = row(left, i) == row(right, i);
            CHECK(equal);
            bound.insert(here.tensor);
        });
        for (const stored_tensor& tensor : file.tensors()) {
            INFO(tensor.name);
            CHECK(bound.contains(tensor.name) != is_foreign(file, tensor));
        }
    }
}

TEST_CASE("gate and up of experts may lie in two tensors") {
    const auto whole = gguf::open(test::golden("gguf/moe.bf16.gguf"));
    const test::scratch_folder folder;
    test::write_file(folder.file("split.gguf"), with_split_experts(whole));
    const auto split = gguf::open(folder.file("split.gguf"));
    CHECK(split.find("blk.0.ffn_gate_up_exps.weight") == nullptr);
    gemma4<reference> decoder(read_config(split), {});
    std::size_t experts = 0;
    decoder.for_each_parameter([&](parameter_name parameter, parameter_shape shape, auto&) {
        const tensor_part here = locate(split, parameter), there = locate(whole, parameter);
        INFO(here.tensor << " " << there.tensor);
        REQUIRE(split.find(here.tensor) != nullptr);
        const weight_view left = slice(split.weights(here.tensor), here);
        const weight_view right = slice(whole.weights(there.tensor), there);
        REQUIRE(left.rows == shape.rows);
        CHECK(std::memcmp(left.data, right.data, left.rows * left.row_bytes()) == 0);
        experts += here.tensor != there.tensor ? 1U : 0U;
    });
    CHECK(experts == 2 * 4 * 8);  // gate and up of 8 experts in 4 layers
}

TEST_CASE("unused keys and values, and divisors of angles, are foreign in this architecture alone") {
    const auto e_like = gguf::open(test::golden("gguf/e_like.bf16.gguf"));  // layers 4 to 6 share
    const auto llama = gguf::open(test::golden("gguf/llama.bf16.gguf"));
    const auto foreign = [](const gguf::checkpoint& file, const std::string& name) {
        stored_tensor tensor;
        tensor.name = name;
        return is_foreign(file, tensor);
    };
    for (const char* const name : {"attn_k.weight", "attn_v.weight", "attn_k_norm.weight"}) {
        CHECK(foreign(e_like, std::string("blk.4.") + name));
        CHECK(foreign(e_like, std::string("blk.6.") + name));
        CHECK_FALSE(foreign(e_like, std::string("blk.3.") + name));
        CHECK_FALSE(foreign(e_like, std::string("blk.7.") + name));
        CHECK_FALSE(foreign(llama, std::string("blk.2.") + name));
    }
    CHECK_FALSE(foreign(e_like, "blk.4.attn_q.weight"));
    CHECK_FALSE(foreign(e_like, "blk.99999999999999999999999.attn_k.weight"));
    CHECK(foreign(e_like, "rope_freqs.weight"));
    CHECK_FALSE(foreign(llama, "rope_freqs.weight"));  // there it means scaled angles, which are not supported
}

TEST_CASE("pairs that rotate are read from the divisors, which are 1 and then 1e30") {
    const auto with = [](std::size_t pair, float divisor) {
        changed_file e_like("e_like.bf16.gguf");
        const stored_tensor tensor = e_like.open().at("rope_freqs.weight");
        std::memcpy(e_like.bytes().data() + tensor.offset + pair * sizeof(float), &divisor, sizeof divisor);
        return e_like;
    };
    CHECK(read_config(with(4, 1.0F).open()).rotary_tables[1].live_pairs == 5);
    CHECK(read_config(with(3, 1e30F).open()).rotary_tables[1].live_pairs == 3);
    CHECK(mentions(with(0, 2.0F).fault(), "'rope_freqs.weight' at offset "));
    CHECK(mentions(with(9, 1.0F).fault(), "'rope_freqs.weight' at offset "));
    CHECK(mentions(with(4, NAN).fault(), "'rope_freqs.weight' at offset "));
    changed_file without("e_like.bf16.gguf");
    without.replace("rope_freqs.weight", "rope_other.weight");
    CHECK(read_config(without.open()).rotary_tables[1].live_pairs == 16);
}

TEST_CASE("a layer without a value projection uses its keys") {
    changed_file e_like("e_like.bf16.gguf");
    e_like.replace("blk.1.attn_v.weight", "blk.1.attn_w.weight");
    const decoder_config config = read_config(e_like.open());
    CHECK(config.layers[1].values_from_keys);
    CHECK_FALSE(config.layers[0].values_from_keys);
    CHECK_FALSE(config.layers[4].values_from_keys);  // it has neither
}

TEST_CASE("impossible keys are refused by name") {
    const auto e_like = [](const std::string& key, std::ptrdiff_t skip, std::uint32_t value) {
        return changed_file("e_like.bf16.gguf").set(key, skip, value).fault();
    };
    const std::string prefix = "gemma4.";
    for (const std::string key : {"embedding_length", "attention.head_count", "attention.sliding_window",
                                  "attention.key_length", "attention.key_length_swa", "context_length", "block_count"})
        CHECK(mentions(e_like(prefix + key, 4, 0), "'" + prefix + key + "' at offset "));
    CHECK(mentions(e_like(prefix + "block_count", 4, 0xFFFFFFFF), "'gemma4.block_count' at offset "));
    CHECK(mentions(e_like(prefix + "block_count", 4, 6), "entries for 6 layers"));
    CHECK(mentions(e_like(prefix + "feed_forward_length", 16, 0), "'gemma4.feed_forward_length' at offset "));
    CHECK(mentions(e_like(prefix + "attention.shared_kv_layers", 4, 7), "must be from 0 to 6"));
    CHECK(mentions(e_like(prefix + "attention.shared_kv_layers", 4, 6), "layer 1: shares keys and values"));
    CHECK(mentions(e_like(prefix + "attention.value_length", 4, 16), "must equal attention.key_length"));
    CHECK(mentions(e_like(prefix + "rope.dimension_count", 4, 16), "must equal attention.key_length"));
    CHECK(mentions(e_like(prefix + "attention.head_count_kv", 4, 3), "3 key/value heads do not divide 4 query heads"));
    const auto moe = [](const std::string& key, std::uint32_t value) {
        return changed_file("moe.bf16.gguf").set(key, 4, value).fault();
    };
    CHECK(mentions(moe("gemma4.expert_used_count", 9), "must be from 1 to 8"));
    CHECK(mentions(moe("gemma4.expert_count", 0x7FFFFFFF), "'gemma4.expert_count' at offset "));
    CHECK(mentions(changed_file("e_like.bf16.gguf").replace("sliding_window_pattern", "sliding_window_pattxxx").fault(),
                   "'gemma4.attention.sliding_window_pattern': the file has no such key"));
}
