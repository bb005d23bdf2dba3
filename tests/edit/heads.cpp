// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Plans for attention heads: the same as a tap, in memory and in files, and as columns of the output projection that
// are scaled by hand.
#include <catch2/catch_test_macros.hpp>
#include <unloop/edit/apply.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/edit/receipt_json.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/io/hugging_face_json.hpp>

#include <cstdlib>

#include "edit/golden_llama.hpp"
#include "edit/run_of.hpp"
#include "io/scratch_folder.hpp"
#include "laws/edit_plan.hpp"
#include "support/fault_of.hpp"

namespace {

using namespace unloop;

/// Calls `use(run)` for models in both containers and with heads of one and of several sizes.
template <class Use>
void for_each_model(const Use& use) {
    use(test::run_of("models/dense", "dense"));
    use(test::run_of("gguf/e_like.bf16.gguf", "e_like"));
    use(test::run_of(test::bf16_llama, "llama"));
}

/// `count` heads of the model with factors of `factors`.
plan random_heads(const decoder_config& config, std::uint64_t seed, std::size_t count,
                  const std::vector<float>& factors) {
    random_sequence random(seed);
    plan made;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t layer = random.below(config.layers.size());
        const head_id head{static_cast<std::int32_t>(layer),
                           static_cast<std::int32_t>(random.below(config.layers[layer].heads))};
        made.edits.push_back({head, factors[random.below(factors.size())]});
    }
    return made;
}

/// Logits of a decoder whose own copies of the output projections have the columns of heads scaled: what the definition
/// of a head says, computed without plans.
template <class Model>
std::vector<float> logits_with_scaled_columns(const Model& model, const plan& edits,
                                              const std::vector<token_id>& tokens) {
    auto decoder = model.decoder();
    std::vector<std::vector<float>> owned;
    decoder.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape shape, Slot& slot) {
        if constexpr (std::same_as<Slot, matrix_parameter>) {
            if (name.role != parameter_role::attention_output) return;
            const std::size_t size = model.config().layers[static_cast<std::size_t>(name.layer)].head_size;
            std::vector<float>& values = owned.emplace_back(shape.rows * shape.columns);
            for (std::size_t r = 0; r < shape.rows; ++r)
                decode_row(slot, r, std::span(values).subspan(r * shape.columns, shape.columns));
            for (const target_edit& edit : edits.edits) {
                const auto head = std::get<head_id>(edit.target);
                for (std::size_t i = 0; i < values.size() && head.layer == name.layer; ++i)
                    if (i % shape.columns / size == static_cast<std::size_t>(head.head)) values[i] *= edit.factor;
            }
            slot = as_weights(const_matrix_view(values.data(), shape.rows, shape.columns));
        }
    });
    decoder_state state(model.config(), {1, tokens.size(), tokens.size(), tokens.size()});
    std::vector<batch_token> pass;
    for (std::size_t t = 0; t < tokens.size(); ++t) pass.push_back({tokens[t], 0, static_cast<std::int32_t>(t), true});
    serial executor;
    no_tap none;
    const matrix_view logits = decoder.forward(state, pass, executor, none);
    return {logits.data(), logits.data() + logits.rows() * logits.columns()};
}

}  // namespace

TEST_CASE("all heads of a layer at 0 are the attention that transformers skips", "[parity]") {
    int compared = 0;
    for_each_model([&](auto run) {
        for (std::size_t l = 0; l < run.model.config().layers.size(); ++l) {
            plan silent;
            for (std::size_t h = 0; h < run.model.config().layers[l].heads; ++h)
                silent = silent + suppress(head_id{static_cast<std::int32_t>(l), static_cast<std::int32_t>(h)});
            INFO(run.model.file().path() << " layer " << l);
            const auto wanted = run.expected.floats("skip_attn." + std::to_string(l));
            CHECK(golden::difference(run.run_last(plan_tap(silent)), wanted) < 1e-4);
            const scoped_edit edited(run.model, silent);
            CHECK(golden::difference(run.run_last(no_tap{}), wanted) < 1e-4);
            ++compared;
        }
    });
    CHECK(compared == 5 + 7 + 3);
}

TEST_CASE("a head is its columns of the output projection, in the order of the query heads", "[parity]") {
    for_each_model([](auto run) {
        const auto tokens = std::vector<token_id>(run.ids.begin(), run.ids.begin() + 36);
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            const plan edits = random_heads(run.model.config(), seed, 3, {0.0F, -1.0F, 2.5F});
            INFO(run.model.file().path() << "\n" << edits);
            const auto wanted = logits_with_scaled_columns(run.model, edits, tokens);
            CHECK(golden::difference(test::logits_of(run.model, tokens, plan_tap(edits)), wanted) < 1e-4);
        }
        const auto unedited = logits_with_scaled_columns(run.model, {}, tokens);
        CHECK(golden::difference(test::logits_of(run.model, tokens, no_tap{}), unedited) < 1e-4);
    });
}

TEST_CASE("exact plans for heads give the same bits as a tap, in memory and in a file") {
    for_each_model([](auto run) {
        const test::scratch_folder folder;
        const auto unedited = run.run_last(no_tap{});
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            const plan edits = random_heads(run.model.config(), seed, 2, {0.0F, -1.0F, 2.0F});
            INFO(run.model.file().path() << "\n" << edits);
            const auto tapped = run.run_last(plan_tap(edits));
            CHECK(golden::difference(tapped, unedited) > 1e-3);
            {
                const scoped_edit edited(run.model, edits);
                CHECK(edited.changes().is_exact());
                CHECK(golden::difference(run.run_last(no_tap{}), tapped) == 0);
            }
            const std::string target = folder.file("edited" + std::to_string(seed));
            const receipt done = apply(edits, run.model.file(), target);
            auto again = golden::golden_run(test::load_model(target), "models/llama/expected.safetensors");
            again.ids = run.ids;
            CHECK(golden::difference(again.run_last(no_tap{}), tapped) == 0);
            const receipt read = parse_receipt(boost::json::serialize(to_json(done)), "receipt");
            CHECK(read == done);
            const std::string restored = folder.file("restored" + std::to_string(seed));
            undo(read, target, restored);
            auto back = test::load_model(restored);
            CHECK((laws::detail::bytes_of(back) == laws::detail::bytes_of(run.model)));
        }
        CHECK(golden::difference(run.run_last(no_tap{}), unedited) == 0);
    });
}

TEST_CASE("plans for heads keep their laws in the weights", "[laws]") {
    for_each_model([](auto run) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            const plan edits =
                random_heads(run.model.config(), seed, 1 + seed, {0.0F, -1.0F, 2.0F, 2.5F}) + suppress(neuron_id{0, 3});
            INFO(run.model.file().path() << "\n" << edits);
            CHECK(laws::broken_edit_plan_laws(run.model, edits).empty());
        }
    });
}

TEST_CASE("rows of one pass run under their own plans for heads") {
    for_each_model([](auto run) {
        const plan first = suppress(head_id{0, 1}), second = invert(head_id{2, 0}) + scale(head_id{1, 1}, 0.5F);
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

TEST_CASE("a head that does not fill whole blocks is refused in weights, and runs as a tap") {
    const test::scratch_folder folder;
    auto model = test::load_llama(golden::path(test::q8_llama));  // heads of 16, blocks of 32
    const auto before = laws::detail::bytes_of(model);
    for (const int head : {0, 1}) {
        const plan edits = suppress(neuron_id{0, 1}) + suppress(head_id{1, head});
        const std::string fault = test::fault_of([&] { const scoped_edit edited(model, edits); });
        CHECK(fault.find("'blk.1.attn_output.weight'") != std::string::npos);
        CHECK(fault.find(head == 0 ? "columns 0-15 of Q8_0 cannot be scaled alone: a block holds 32 columns"
                                   : "columns 16-31 of Q8_0 cannot be scaled alone: a block holds 32 columns") !=
              std::string::npos);
        CHECK(test::fault_of([&] { apply(edits, model.file(), folder.file("edited")); }) == fault);
        const auto prompt = test::random_prompt(5, 20);
        CHECK(golden::difference(test::logits_of(model, prompt, plan_tap(edits)),
                                 test::logits_of(model, prompt, no_tap{})) > 1e-3);
    }
    CHECK((laws::detail::bytes_of(model) == before));
    CHECK(folder.names().empty());
}

TEST_CASE("a receipt of heads is short: a line, and one entry for all rows") {
    const auto file = hugging_face::open(golden::path("models/dense"));
    const plan edits = suppress(head_id{2, 3}) + invert(head_id{2, 1});
    const receipt done = prepare_edit(edits, file).changes;
    REQUIRE(done.tensors.size() == 1);
    CHECK(done.tensors[0].parameter == parameter_name{2, parameter_role::attention_output});
    CHECK(done.rows() == 2 * 36);
    CHECK(to_string(done).find(", row 0-35[20-39] 0-35[60-79]: ") != std::string::npos);
    const boost::json::object document = to_json(done);
    const boost::json::array& rows = document.at("tensors").at(0).at("rows").as_array();
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].at("rows").to_number<int>() == 36);
    CHECK(rows[1].at("column").to_number<int>() == 60);
    CHECK(rows[1].at("stride").to_number<int>() == 6 * 20 * 4);
    CHECK(rows[1].at("replaced").as_string().size() == std::size_t{36} * 20 * 4 * 2);
    std::string text = boost::json::serialize(document);
    text.replace(text.find("\"rows\":36"), 9, "\"rows\":37");
    CHECK(test::fault_of([&] { (void)parse_receipt(text, "receipt"); }) ==
          "receipt: 'tensors[0].rows[0].replaced': must have as many bytes for every row");
}

TEST_CASE("a head of the real model has the same tokens as a tap, in memory and in a file", "[real]") {
    const char* const path = std::getenv("UNLOOP_MODEL");
    if (path == nullptr) SKIP("UNLOOP_MODEL does not name the real model");
    auto model = test::load_llama(path);  // heads of 64, two blocks of Q4_1
    const test::scratch_folder folder;
    std::vector<std::vector<token_id>> prompts;
    for (std::uint64_t i = 0; i < 3; ++i) prompts.push_back(test::random_prompt(i, 12));
    const generation_options how{.max_tokens = 12, .threads = 2};
    const auto unedited = test::tokens_of(model, prompts, no_tap{}, how);
    for (const auto& [head, factor] : {std::pair{head_id{0, 2}, 0.0F}, {head_id{2, 7}, -1.0F}}) {
        const plan edits = scale(head, factor) + scale(head_id{head.layer, 4}, factor);
        const auto tapped = test::tokens_of(model, prompts, plan_tap(edits), how);
        CHECK((tapped != unedited));
        {
            const scoped_edit edited(model, edits);
            CHECK(edited.changes().is_exact());
            CHECK(edited.changes().rows() == 2 * 576);
            CHECK((test::tokens_of(model, prompts, no_tap{}, how) == tapped));
        }
        const receipt done = apply(edits, model.file(), folder.file("edited.gguf"));
        const auto edited = test::load_llama(folder.file("edited.gguf"));
        CHECK((test::tokens_of(edited, prompts, no_tap{}, how) == tapped));
        undo(done, folder.file("edited.gguf"), folder.file("restored.gguf"));
        CHECK((test::read_file(folder.file("restored.gguf")) == test::read_file(path)));
    }
}
