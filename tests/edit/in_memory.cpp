// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans in the weights of a loaded model: the laws, equality with taps, and refusals that change nothing.
#include <unloop/edit/in_memory.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>

#include "edit/golden_llama.hpp"
#include "laws/edit_plan.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

const std::vector<float> every_kind{0.0F, -1.0F, 2.0F, 0.5F, 0.0625F, 3.0F, 2.5F, -0.8F};

}  // namespace

TEST_CASE("plans in the weights keep their laws", "[laws]") {
    for (const char* const file : {test::bf16_llama, test::q8_llama}) {
        INFO(file);
        auto model = test::load_llama(golden::path(file));
        CHECK(laws::broken_edit_plan_laws(model, plan{}).empty());
        for (std::uint64_t seed = 0; seed < 25; ++seed) {
            const plan edits = test::random_plan(seed, 1 + seed, every_kind);
            INFO(edits);
            CHECK(laws::broken_edit_plan_laws(model, edits).empty());
        }
    }
}

TEST_CASE("edits of one neuron compose in the order written") {
    auto model = test::load_llama(golden::path(test::q8_llama));
    const neuron_id target{1, 2};
    const auto same = [&](const plan& left, const plan& right) {
        return laws::detail::bytes_under(model, left) == laws::detail::bytes_under(model, right);
    };
    CHECK(same(scale(target, 3.0F) + suppress(target), suppress(target)));
    CHECK(same(scale(target, 2.0F) + scale(target, 2.0F), scale(target, 4.0F)));
    CHECK(same(scale(target, 0x1p20F) + scale(target, 0x1p-20F), plan{}));
    CHECK_FALSE(same(scale(target, 0x1p-20F) + scale(target, 0x1p20F), plan{}));  // its scales vanish on the way
}

TEST_CASE("exact edits give the logits of the tap, bit for bit, and rounded ones nearly") {
    const auto tokens = test::random_prompt(1, 30);
    for (const char* const file : {test::bf16_llama, test::q8_llama}) {
        INFO(file);
        auto model = test::load_llama(golden::path(file));
        const auto unedited = test::logits_of(model, tokens, no_tap{});
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const plan exact = test::random_plan(seed, 5, {0.0F, -1.0F, 2.0F, 0.5F, 16.0F});
            const plan rounded = test::random_plan(seed, 5, {2.5F, -0.8F, 3.0F});
            const auto under = [&](const plan& edits) {
                const scoped_edit edited(model, edits);
                return test::logits_of(model, tokens, no_tap{});
            };
            CHECK(golden::difference(under(exact), test::logits_of(model, tokens, plan_tap(exact))) == 0);
            CHECK(golden::difference(under(exact), unedited) > 1e-2);
            CHECK(golden::difference(under(rounded), test::logits_of(model, tokens, plan_tap(rounded))) < 5e-2);
        }
        CHECK(golden::difference(test::logits_of(model, tokens, no_tap{}), unedited) == 0);
    }
}

TEST_CASE("a receipt tells what changed") {
    auto model = test::load_llama(golden::path(test::q8_llama));
    const plan edits = scale(neuron_id{2, 7}, 2.5F) + suppress(neuron_id{0, 90}) + suppress(neuron_id{0, 5});
    const scoped_edit edited(model, edits);
    const receipt& done = edited.changes();
    REQUIRE(done.tensors.size() == 2);
    CHECK(done.target.empty());
    CHECK(done.rows() == 3);
    CHECK_FALSE(done.is_exact());
    const tensor_change& first = done.tensors[0];
    CHECK(first.tensor == "blk.0.ffn_up.weight");
    CHECK(first.format == "Q8_0");
    CHECK(first.parameter == parameter_name{0, parameter_role::up});
    REQUIRE(first.rows.size() == 2);
    CHECK(first.rows[0].row == 5);
    CHECK(first.rows[1].row == 90);
    CHECK(first.error.is_exact());
    CHECK(first.bytes_changed == 2 * 2 * 2);  // two rows of two blocks with a scale of two bytes
    CHECK(first.hash_before != first.hash_after);
    std::vector<std::byte> now;
    for (const replaced_row& row : first.rows) {
        const auto file = model.file().visit([]<class File>(const File& held) {
            if constexpr (std::same_as<File, gguf::checkpoint>) return held.mapping().bytes();
            return std::span<const std::byte>();
        });
        const auto bytes = file.subspan(row.offset, row.bytes.size());
        now.insert(now.end(), bytes.begin(), bytes.end());
    }
    CHECK(sha256_hex(now) == first.hash_after);
    CHECK(done.tensors[1].error.blocks == 2);
    CHECK(done.tensors[1].error.rounded > 0);
    CHECK(done.tensors[1].error.largest_relative_error <= 0x1p-11F);
    CHECK(done.tensors[1].error.largest_relative_error > 0);
}

TEST_CASE("what cannot be applied is refused and changes nothing") {
    auto model = test::load_llama(golden::path(test::q8_llama));
    const auto before = laws::detail::bytes_of(model);
    const auto fault = [&](const plan& edits) {
        return test::fault_of([&] { const scoped_edit edited(model, edits); });
    };
    const plan sound = suppress(neuron_id{0, 1});
    CHECK(fault(sound + suppress(neuron_id{1, 96})) == "neuron 1.96: layer 1 has 96 neurons");
    CHECK(fault(sound + suppress(neuron_id{3, 0})) == "neuron 3.0: the model has 3 layers");
    CHECK(fault(sound + scale(neuron_id{2, 1}, 1e9F)).find("'blk.2.ffn_up.weight'") != std::string::npos);
    CHECK(
        fault(sound + scale(neuron_id{2, 1}, 1e9F)).find("row 1: the factor is too large, 2 blocks of Q8_0 overflow") !=
        std::string::npos);
    CHECK((laws::detail::bytes_of(model) == before));
}
