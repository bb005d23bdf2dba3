// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Columns that take the place of others: the decoded values, what plans with copies do in all places, and refusals.
#include <unloop/edit/copy_value.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_json.hpp>
#include <unloop/edit/plan_tap.hpp>

#include "edit/golden_llama.hpp"
#include "io/scratch_folder.hpp"
#include "laws/edit_plan.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

std::vector<float> decoded(number_format format, const std::vector<std::byte>& row, std::size_t columns) {
    std::vector<float> values(columns);
    decode_row({format, 1, columns, row.size(), row.data()}, 0, values);
    return values;
}

}  // namespace

TEST_CASE("one value takes the place of another, and no other changes") {
    constexpr std::size_t columns = 64;
    for_each_format([&](auto type) {
        const number_format format = type.tag;
        std::vector<std::byte> row(bytes_of(format, columns));
        for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::byte>(random_bits(3, 1, i) & 0x3FU);
        for (const auto& [to, from] :
             {std::pair<std::size_t, std::size_t>{0, 1}, {3, 19}, {20, 4}, {40, 63}, {63, 32}}) {
            REQUIRE(can_copy_value(format, to, from));
            auto wanted = decoded(format, row, columns);
            wanted[to] = wanted[from];
            auto copied = row;
            const auto bytes = copied_value(format, row, to, from);
            std::copy(bytes.begin(), bytes.end(),
                      copied.begin() + static_cast<std::ptrdiff_t>(place_in_row(format, to).first));
            CHECK(decoded(format, copied, columns) == wanted);
        }
        CHECK(can_copy_value(format, 31, 32) == (type.block_values == 1));
    });
}

TEST_CASE("a copied neuron acts the same as a tap, in memory and in a file, and undo restores every byte") {
    for (const char* const name : {test::bf16_llama, test::q8_llama}) {
        const test::scratch_folder folder;
        auto model = test::load_llama(golden::path(name));
        const plan edits =
            scale(neuron_id{1, 40}, 2.0F) + copy({1, 40}, 50) + copy({0, 3}, 9) + suppress(head_id{2, 0});
        const plan exact = copy({1, 40}, 50) + scale(neuron_id{1, 40}, -1.0F) + copy({0, 3}, 9);
        const auto tokens = test::random_prompt(4, 24);
        const auto before = laws::detail::bytes_of(model);
        const auto unedited = test::logits_of(model, tokens, no_tap{});
        const auto tapped = test::logits_of(model, tokens, plan_tap(exact));
        CHECK(golden::difference(tapped, unedited) > 1e-3);
        {
            const scoped_edit edited(model, exact);
            CHECK(edited.changes().is_exact());
            CHECK(golden::difference(test::logits_of(model, tokens, no_tap{}), tapped) < 1e-4);  // sums differ in order
        }
        CHECK((laws::detail::bytes_of(model) == before));
        const receipt done = apply(exact, model.file(), folder.file("edited"));
        const auto edited = test::load_llama(folder.file("edited"));
        CHECK(golden::difference(test::logits_of(edited, tokens, no_tap{}), tapped) < 1e-4);
        undo(done, folder.file("edited"), folder.file("restored"));
        CHECK((test::read_file(folder.file("restored")) == test::read_file(golden::path(name))));

        const plan_document written{edits, fingerprint_of(model.config()), {}};
        CHECK(parse_plan(boost::json::serialize(to_json(written)), "plan").plan == edits);
        CHECK(to_json(exact.edits[0]).at("role").as_string() == "down");
    }
}

TEST_CASE("copies that weights cannot hold, or whose order would matter, are refused") {
    auto model = test::load_llama(golden::path(test::q8_llama));
    const auto fault = [&](const plan& edits) {
        return test::fault_of([&] { const scoped_edit edited(model, edits); });
    };
    CHECK(fault(copy({1, 31}, 32))
              .find("column 32 cannot take the place of column 31: in Q8_0 both must lie in one "
                    "block") != std::string::npos);
    CHECK(fault(copy({1, 31}, 96)) == "neuron 1.96: layer 1 has 96 neurons");
    CHECK(fault(copy({1, 3}, 4) + copy({1, 4}, 5)) == "neuron 1.3: neuron 1.4 is itself replaced by a copy");
    CHECK(fault(copy({1, 3}, 4) + copy({1, 3}, 5)).find("shares its bytes") != std::string::npos);
    CHECK(fault(plan{{{head_id{1, 2}, 1.0F, edit_kind::copy, 1}}, ""}) ==
          "head 1.2: only neurons of the dense MLP can be copied to");
    CHECK(to_string(copy({1, 3}, 4)) == "neuron 1.3 from neuron 4\n");
}
