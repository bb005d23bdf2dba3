// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Every container keeps the laws of checkpoints, and the laws find one that does not.
#include <unloop/io/checkpoint.hpp>

#include <laws/checkpoint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/io/open.hpp>
#include <unloop/kernels.hpp>
#include <unloop/model/gemma4.hpp>

#include "scratch_folder.hpp"

using namespace unloop;

namespace {

/// All parameters of a Gemma.
std::vector<parameter_name> parameters_of(const decoder_config& config) {
    std::vector<parameter_name> names;
    gemma4<reference> decoder(config, {});
    decoder.for_each_parameter([&](parameter_name name, parameter_shape, auto&) { names.push_back(name); });
    return names;
}

/// A checkpoint with one fault.
struct faulty : hugging_face::checkpoint {
    enum class fault { names, privacy, parts };
    faulty(const std::string& path, fault what) : checkpoint(hugging_face::open(path)), broken(what) {}
    [[nodiscard]] const stored_tensor* find(std::string_view name) const {
        return broken == fault::names ? &tensors().front() : checkpoint::find(name);
    }
    [[nodiscard]] std::span<std::byte> writable(const stored_tensor& tensor) {
        if (broken != fault::privacy) return checkpoint::writable(tensor);
        copy.assign(bytes(tensor).begin(), bytes(tensor).end());
        return copy;
    }
    fault broken;
    std::vector<std::byte> copy;
};
tensor_part locate(const faulty& file, parameter_name parameter) {
    tensor_part part = locate(static_cast<const hugging_face::checkpoint&>(file), parameter);
    if (file.broken == faulty::fault::parts) part.index = 0;
    return part;
}

}  // namespace

TEST_CASE("containers keep the laws of checkpoints") {
    for (const char* const name : {"models/moe", "models/e_like_hub", "models/unified", "gguf/moe.bf16.gguf"}) {
        INFO(name);
        const auto open_it = [&] { return unloop::open(test::golden(name)); };
        const auto parameters = parameters_of(read_config(open_it()));
        CHECK(laws::broken_checkpoint_laws(open_it, parameters).empty());
    }
}

TEST_CASE("the laws name what is broken") {
    const std::string path = test::golden("models/moe");
    const auto parameters = parameters_of(hugging_face::open(path).config());
    const auto broken = [&](faulty::fault what) {
        return laws::broken_checkpoint_laws([&] { return faulty(path, what); }, parameters);
    };
    CHECK(broken(faulty::fault::privacy) == std::vector<std::string>{"privacy"});
    CHECK(broken(faulty::fault::parts) == std::vector<std::string>{"parts"});
    CHECK(broken(faulty::fault::names).front() == "names");
}
