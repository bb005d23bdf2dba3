// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans for experts and their neurons: the logits of transformers as a tap, and the same in memory and in files.
#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/fingerprint.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>

#include "edit/random_targets.hpp"
#include "edit/run_of.hpp"
#include "io/scratch_folder.hpp"
#include "laws/edit_plan.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

/// Calls `use(run)` for each golden model with experts.
template <class Use>
void for_each_mixture(const Use& use) {
    use(test::run_of("models/moe", "moe"));
    use(test::run_of("models/mixtral", "mixtral"));
    use(test::run_of("gguf/moe.bf16.gguf", "moe"));
}

/// The plan that a golden's name tells, if it is one of an edit.
std::optional<plan> plan_of(const std::string& name) {
    neuron_id neuron;
    expert_id expert;
    expert_neuron_id inner;
    float factor = 0;
    if (std::sscanf(name.c_str(), "ablate.%d.%d.%f", &neuron.layer, &neuron.neuron, &factor) == 3)
        return scale(neuron, factor);
    if (std::sscanf(name.c_str(), "expert.%d.%d.%f", &expert.layer, &expert.expert, &factor) == 3)
        return scale(expert, factor);
    if (std::sscanf(name.c_str(), "expert_neuron.%d.%d.%d.%f", &inner.layer, &inner.expert, &inner.neuron, &factor) ==
        4)
        return scale(inner, factor);
    return std::nullopt;
}

/// Keeps the choices and weights of one layer.
struct choices {
    std::int32_t layer;
    std::vector<std::int32_t> chosen = {};
    std::vector<float> weights = {};
    void operator()(sites::expert_weights, const tap_place& place, matrix_view values) {
        if (place.layer != layer) return;
        chosen.assign(place.experts.begin(), place.experts.end());
        weights.assign(values.data(), values.data() + values.rows() * values.columns());
    }
};

}  // namespace

TEST_CASE("plans for experts and their neurons give the logits of transformers, as taps and in the weights",
          "[parity]") {
    int edits = 0;
    for_each_mixture([&](auto run) {
        for (const stored_tensor& tensor : run.expected.all()) {
            const auto one = plan_of(tensor.name);
            if (!one) continue;
            INFO(run.model.file().path() << " " << tensor.name);
            const auto wanted = run.expected.floats(tensor.name);
            CHECK(golden::difference(run.run_last(plan_tap(*one)), wanted) < 1e-4);
            const float factor = one->edits[0].factor;
            const scoped_edit edited(run.model, *one);
            // 0 and -1 are exact; a rounded factor moves bfloat16 weights by 2^-9 at most.
            CHECK(golden::difference(run.run_last(no_tap{}), wanted) < (factor == 2.5F ? 2e-2 : 1e-4));
            ++edits;
        }
    });
    CHECK(edits == (15 + 9 + 9) + (9 + 9) + (15 + 9 + 9));
}

TEST_CASE("exact plans for targets of all kinds give the same bits as a tap, in memory and in a file") {
    for_each_mixture([](auto run) {
        const test::scratch_folder folder;
        const auto unedited = run.run_last(no_tap{});
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            const plan edits = test::random_targets(run.model.config(), seed, 6, {0.0F, -1.0F});
            INFO(run.model.file().path() << "\n" << edits);
            const auto tapped = run.run_last(plan_tap(edits));
            CHECK(golden::difference(tapped, unedited) > 1e-3);
            {
                const scoped_edit edited(run.model, edits);
                CHECK(edited.changes().is_exact());
                CHECK(golden::difference(run.run_last(no_tap{}), tapped) == 0);
            }
            const std::string target = folder.file("edited" + std::to_string(seed));
            apply(edits, run.model.file(), target);
            auto again = golden::golden_run(test::load_model(target), "models/mixtral/expected.safetensors");
            again.ids = run.ids;  // the tokens of this model; sizes are the same in all goldens
            CHECK(golden::difference(again.run_last(no_tap{}), tapped) == 0);
        }
        CHECK(golden::difference(run.run_last(no_tap{}), unedited) == 0);
    });
}

TEST_CASE("plans for experts keep their laws in the weights", "[laws]") {
    for_each_mixture([](auto run) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            const plan edits = test::random_targets(run.model.config(), seed, 1 + seed, {0.0F, -1.0F, 2.0F, 2.5F});
            INFO(run.model.file().path() << "\n" << edits);
            CHECK(laws::broken_edit_plan_laws(run.model, edits).empty());
        }
    });
}

TEST_CASE("suppressing an expert leaves the choice as it was, masking it makes another one") {
    for_each_mixture([](auto run) {
        const expert_id expert{1, 3};
        const std::size_t used = run.model.config().layers[1].experts_used;
        const auto seen_under = [&](const plan& edits) {
            choices seen{1};
            plan_tap tap(edits);
            tap_pack both(tap, seen);
            run.run_all(both);
            return seen;
        };
        const choices before = seen_under({}), silent = seen_under(suppress(expert)), masked = seen_under(mask(expert));
        CHECK(silent.chosen == before.chosen);
        std::size_t chosen = 0;
        for (std::size_t i = 0; i < before.chosen.size(); ++i) {
            const bool is_target = before.chosen[i] == expert.expert;
            chosen += is_target ? 1U : 0U;
            CHECK(silent.weights[i] == (is_target ? 0.0F : before.weights[i]));
            CHECK(masked.chosen[i] != expert.expert);
        }
        CHECK(chosen > 0);
        // Where the expert was not chosen, nothing changes; where it was, as many experts take its place.
        for (std::size_t t = 0; t < before.chosen.size() / used; ++t) {
            const auto own = std::span(before.chosen).subspan(t * used, used);
            if (std::find(own.begin(), own.end(), expert.expert) != own.end()) continue;
            CHECK(std::memcmp(&masked.chosen[t * used], own.data(), used * sizeof(std::int32_t)) == 0);
        }
        CHECK(golden::difference(run.run_last(plan_tap(mask(expert))), run.run_last(plan_tap(suppress(expert)))) >
              1e-3);
    });
}

TEST_CASE("the weights of a masked layer are renormalised over the new choice") {
    auto run = test::run_of("models/mixtral", "mixtral");
    choices seen{0};
    plan_tap tap(mask(std::vector<expert_id>{{0, 0}, {0, 2}}));
    tap_pack both(tap, seen);
    run.run_all(both);
    for (std::size_t t = 0; t < seen.weights.size(); t += 2) {
        CHECK(std::abs(seen.weights[t] + seen.weights[t + 1] - 1) < 1e-6);
        CHECK(seen.chosen[t] + seen.chosen[t + 1] == 1 + 3);  // the two that are left
    }
}

TEST_CASE("rows of one pass run under their own plans for experts") {
    for_each_mixture([](auto run) {
        const plan first = suppress(expert_id{0, 3}) + mask(expert_id{1, 1});
        const plan second = invert(expert_neuron_id{1, 2, 5}) + suppress(expert_id{2, 1});
        const std::vector<const plan*> plans{&first, nullptr, &second};
        row_plans rows(plans);
        for (std::size_t b = 0; b < 3; ++b) rows.begin_row(b, b);
        const auto together = run.run_last(rows);
        for (std::size_t b = 0; b < 3; ++b) {
            const auto alone = run.run_last(plan_tap(plans[b] == nullptr ? plan{} : *plans[b]));
            const auto own = std::span(together).subspan(b * run.vocabulary, run.vocabulary);
            CHECK(golden::difference(own, std::span(alone).subspan(b * run.vocabulary, run.vocabulary)) == 0);
        }
    });
}

TEST_CASE("no weights say that an expert is masked") {
    const test::scratch_folder folder;
    auto model = test::golden_model("models/moe");
    const plan edits = suppress(expert_id{0, 1}) + mask(expert_id{1, 7});
    const auto before = laws::detail::bytes_of(model);
    const std::string wanted = "mask expert 1.7: no weights say that; suppress the expert, or run the plan as a tap";
    CHECK(test::fault_of([&] { const scoped_edit edited(model, edits); }) == wanted);
    CHECK(test::fault_of([&] { apply(edits, model.file(), folder.file("edited")); }) == wanted);
    CHECK((laws::detail::bytes_of(model) == before));
    CHECK(folder.names().empty());
}

TEST_CASE("a factor is not looked for in a tensor without rows, which lies where another one does") {
    auto bytes = test::read_file(golden::path("gguf/moe.bf16.gguf"));
    const auto behind = [&](const std::string& name) {
        const auto found = std::ranges::search(bytes, test::bytes_of(name));
        REQUIRE(!found.empty());
        return found.end();
    };
    const auto rename = [&](const std::string& from, const std::string& to) {
        REQUIRE(from.size() == to.size());
        std::ranges::copy(test::bytes_of(to), behind(from) - static_cast<std::ptrdiff_t>(to.size()));
    };
    const std::string factors = "blk.0.ffn_down_exps.scale", other = "blk.0.ffn_down_exps.other";
    rename(factors, other);
    rename("blk.0.ffn_gate_inp.weight", factors);  // a matrix; now [0, 8], at the place of the other one's values
    const std::uint64_t shape[] = {8, 0};
    std::memcpy(&*behind(factors) + 4, shape, sizeof shape);
    std::memcpy(&*behind(factors) + 4 + sizeof shape + 4, &*behind(other) + 4 + 8 + 4, sizeof(std::uint64_t));

    const test::scratch_folder folder;
    test::write_file(folder.file("damaged"), bytes);
    const auto file = gguf::open(folder.file("damaged"));
    REQUIRE(file.at(factors).shape == std::vector<std::uint64_t>{0, 8});
    REQUIRE(file.at(factors).offset == file.at(other).offset);
    const plan edits = suppress(expert_id{0, 1});
    const std::string refusal = file.path() + ": '" + factors + "' at offset " +
                                std::to_string(file.at(factors).offset) + ": has 0 rows, the configuration asks for 1";
    CHECK(test::fault_of([&] { apply(edits, file, folder.file("edited")); }) == refusal);
    CHECK(test::fault_of([&] { (void)fingerprint_of(edits, file); }) == refusal);
    CHECK(folder.names() == std::vector<std::string>{"damaged"});
}

TEST_CASE("rows that a tensor does not have are neither read nor scaled") {
    const std::vector<float> memory(8, 1.0F);
    const stored_tensor tensor{"t", {2, 2}, "F32", number_format::f32, 40, 16};
    const weight_view whole{number_format::f32, 2, 2, 8, reinterpret_cast<const std::byte*>(memory.data())};
    const auto fault = [&](const tensor_part& part, std::size_t row) {
        detail::edited_tensor edited("f", tensor, whole, part, {0, parameter_role::up});
        std::vector<byte_patch> patches;
        const float factor = 0;
        return test::fault_of([&] { edited.scale({0, 0, row}, std::span(&factor, 1), read_mapped_row{}, patches); });
    };
    CHECK(fault({"t"}, 1) == "none");
    CHECK(fault({"t"}, 2) == "f: 't' at offset 40: has 2 rows, row 2 is none of them");
    CHECK(fault({"t", 1, 2}, 0) == "none");
    CHECK(fault({"t", 0, 2}, 1) == "f: 't' at offset 40: has 1 rows, row 1 is none of them");
    CHECK(test::fault_of([&] { (void)read_mapped_row{}(tensor, whole, 2); }) == "'t' at offset 40: there is no row 2");
}

TEST_CASE("a receipt tells which expert a row belongs to, and which factors") {
    const auto moe = hugging_face::open(golden::path("models/moe"));
    const plan edits = suppress(expert_id{0, 5}) + invert(expert_id{0, 2}) + suppress(expert_neuron_id{0, 5, 7});
    const receipt done = prepare_edit(edits, moe).changes;
    REQUIRE(done.tensors.size() == 2);
    CHECK(done.tensors[0].parameter == parameter_name{0, parameter_role::expert_scale});
    REQUIRE(done.tensors[0].rows.size() == 2);
    CHECK(done.tensors[0].rows[0].column == 2);
    CHECK(done.tensors[0].rows[1].column == 5);
    CHECK(done.tensors[0].rows[0].bytes.size() == 2);
    CHECK(done.tensors[1].parameter == parameter_name{0, parameter_role::expert_up, 5});
    CHECK(done.tensors[1].rows[0].row == 7);
    const std::string text = to_string(done);
    CHECK(text.find("router.per_expert_scale (BF16) in model-") != std::string::npos);
    CHECK(text.find(", row 0[2] 0[5]: ") != std::string::npos);
    CHECK(text.find("experts.gate_up_proj (BF16), expert 5 in model-") != std::string::npos);
    const auto mixtral_file = hugging_face::open(golden::path("models/mixtral"));
    const std::string whole = to_string(prepare_edit(suppress(expert_id{1, 3}), mixtral_file).changes);
    CHECK(whole.find("model.layers.1.block_sparse_moe.experts.3.w2.weight (F16), expert 3") == 0);
    CHECK(whole.find(", row 0-39: ") != std::string::npos);
}
