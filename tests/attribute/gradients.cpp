// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Methods that need gradients, on golden models: scores of transformers' autograd, slopes of exact ablation, and sums.
#include <unloop/attribute/attribution_patching.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/gradient_x_activation.hpp>
#include <unloop/attribute/integrated_gradients.hpp>
#include <unloop/attribute/layer_conductance.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/attribution.hpp>
#include <unloop/generate/trace.hpp>
#include <unloop/kernels/top_k.hpp>

#include "support/any_model.hpp"
#include "support/golden.hpp"

using namespace unloop;

namespace {

struct golden_run {
    explicit golden_run(const std::string& name)
        : model(test::golden_model("models/" + name)), expected("models/" + name + "/expected.safetensors") {}

    /// Row `b`, with the decision behind the last token: the best token against the second best, as in the goldens.
    recorded_run run(std::size_t b) {
        const auto ids = expected.integers("tokens");
        const auto logits = expected.floats("logits");
        const std::size_t vocabulary = model.config().vocabulary;
        std::int32_t best[2];
        kernels::top_k(reference{},
                       std::span(logits).subspan((b * golden::length + golden::length - 1) * vocabulary, vocabulary),
                       best);
        recorded_run made;
        made.tokens.assign(ids.begin() + static_cast<std::ptrdiff_t>(b * golden::length),
                           ids.begin() + static_cast<std::ptrdiff_t>((b + 1) * golden::length));
        made.prompt_tokens = 12, made.onset = 20;
        made.decisions = {{golden::length, best[0], {best[1]}}};
        record_activations(model.decoder(), pool, made);
        return made;
    }
    /// Over the first row.
    mean_activations means() {
        const auto ids = expected.integers("tokens");
        mean_activations made(model.config().layers.size());
        trace(model, std::span(ids).first(golden::length), {.logits = false}, made);
        return made;
    }

    test::any_model model;
    golden::tensors expected;
    thread_pool pool{2};
};

/// Multiplies one target at all positions.
template <class Id>
struct scaling {
    Id target;
    float factor;
    void operator()(typename target_site<Id>::type, const tap_place& place, matrix_view values) const {
        for (std::size_t t = 0; place.layer == target.layer && t < place.tokens.size(); ++t)
            scale_target(target, factor, place, t, values);
    }
};

double largest_of(std::span<const double> scores) {
    double largest = 0;
    for (const double score : scores) largest = std::max(largest, std::abs(score));
    return largest;
}

/// The path of layer conductance, written anew; the neurons of one layer are kept, and moved by what is in `by`.
struct embedding_path {
    double share = 0;
    std::int32_t layer = 0;
    std::vector<float> by = {}, kept = {};

    void operator()(sites::residual, const tap_place& place, matrix_view values) const {
        for (std::size_t i = 0; place.layer == 0 && i < values.columns(); ++i) {
            double mean = 0;
            for (std::size_t t = 0; t < values.rows(); ++t)
                mean += static_cast<double>(values[t][i]) / static_cast<double>(values.rows());
            for (std::size_t t = 0; t < values.rows(); ++t)
                values[t][i] = static_cast<float>((1 - share) * mean + share * static_cast<double>(values[t][i]));
        }
    }
    void operator()(target_site<neuron_id>::type, const tap_place& place, matrix_view values) {
        if (place.layer != layer) return;
        kept.clear();
        for (std::size_t t = 0; t < values.rows(); ++t) kept.insert(kept.end(), values[t].begin(), values[t].end());
        for (std::size_t t = 0; t < values.rows(); ++t)
            for (std::size_t j = 0; !by.empty() && j < values.columns(); ++j)
                values[t][j] += by[t * values.columns() + j];
    }
};

/// What the objective of `run` changes by along what neurons [first, last) of a layer move on that path: no gradients,
/// but the objective with these neurons a little farther and a little less far, in the middle of each step.
double change_along(golden_run& golden, const recorded_run& run, std::int32_t layer, std::size_t first,
                    std::size_t last) {
    objective_gradient gradient(golden.model.decoder(), run);
    const auto objective_on = [&](embedding_path& path) {
        recorded_choice fixed{&run};
        tap_pack both{path, fixed};
        no_tap none;
        return gradient.pass(loop_margin{}, none, golden.pool, both);
    };
    constexpr int steps = 96;
    embedding_path before{0, layer};
    objective_on(before);
    double sum = 0;
    for (int k = 0; k < steps; ++k) {
        embedding_path after{(k + 1.0) / steps, layer}, more{(k + 0.5) / steps, layer};
        objective_on(after);
        const std::size_t width = after.kept.size() / run.length();
        for (std::size_t i = 0; i < after.kept.size(); ++i)
            more.by.push_back(i % width < first || i % width >= last ? 0.0F : after.kept[i] - before.kept[i]);
        embedding_path less = more;
        for (float& step : less.by) step = -step;
        sum += (objective_on(more) - objective_on(less)) / 2;
        before = after;
    }
    return sum;
}

/// Largest difference, as a share of the largest score.
double apart(std::span<const double> actual, std::span<const double> expected) {
    return golden::difference(actual, expected) / largest_of(expected);
}

struct before_onset {
    static constexpr std::string_view name = "before_onset";
    [[nodiscard]] bool covers(const recorded_run& of, std::size_t position) const { return position < of.onset; }
};

template <class Use>
void for_each_list(const target_scores& scores, const Use& use) {
    for (std::size_t layer = 0; layer < scores.layers(); ++layer)
        for_each_target_kind([&]<class Id>(target_kind<Id> kind) {
            INFO("layer " << layer << ", " << kind.name);
            if (!scores.of<Id>(layer).empty()) use(kind, layer, scores.of<Id>(layer));
        });
}

}  // namespace

TEST_CASE("gradient times activation of neurons is that of autograd on the golden models", "[parity]") {
    for (const std::string name : {"e_like", "dense", "moe", "unified"}) {
        golden_run golden(name);
        for (std::size_t b = 0; b < 3; ++b) {
            const auto scores = attribute(golden.model, std::vector{golden.run(b)}, gradient_x_activation<>{},
                                          loop_margin{}, golden.pool);
            for (std::size_t layer = 0; layer < scores.layers(); ++layer) {
                const auto all = golden.expected.floats("scores.loop_margin." + std::to_string(layer));
                const std::size_t width = scores.neurons(layer).size();
                const std::vector<double> row(all.begin() + static_cast<std::ptrdiff_t>(b * width),
                                              all.begin() + static_cast<std::ptrdiff_t>((b + 1) * width));
                CHECK(apart(scores.neurons(layer), row) < 1e-4);
            }
        }
    }
}

TEST_CASE("gradient times activation is the slope of the objective along the factor, for targets of every kind") {
    for (const std::string name : {"e_like", "moe"}) {
        golden_run golden(name);
        const recorded_run run = golden.run(2);
        const auto scores = gradient_x_activation<>{}.score(golden.model, run, loop_margin{}, golden.pool);
        objective_gradient gradient(golden.model.decoder(), run);
        for_each_list(scores, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>& list) {
            std::vector<double> slopes, wanted;
            for (std::size_t i = 0; i < list.size(); i += 1 + list.size() / 5) {
                const auto objective_at = [&](float factor) {
                    recorded_choice fixed{&run};
                    scaling<Id> scale{target_at<Id>(layer, i, scores.dimensions(layer)), factor};
                    tap_pack both{fixed, scale};
                    no_tap none;
                    return gradient.pass(loop_margin{}, none, golden.pool, both);
                };
                slopes.push_back((objective_at(1.02F) - objective_at(0.98F)) / (double{1.02F} - double{0.98F}));
                wanted.push_back(list[i]);
            }
            CHECK(golden::difference(slopes, wanted) < 2e-3 * std::max(largest_of(list), 0.05));
        });
    }
}

TEST_CASE("without experts the same slope is that of exact ablation") {
    golden_run golden("e_like");
    const recorded_run run = golden.run(1);
    const auto scores = gradient_x_activation<>{}.score(golden.model, run, loop_margin{}, golden.pool);
    for_each_list(scores, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>& list) {
        std::vector<target_factor> candidates;
        std::vector<double> slopes, wanted;
        for (std::size_t i = 0; i < list.size(); i += 1 + list.size() / 4) {
            const Id id = target_at<Id>(layer, i, scores.dimensions(layer));
            candidates.push_back({id, 1.02F}), candidates.push_back({id, 0.98F});
            wanted.push_back(list[i]);
        }
        const auto changes = exact_ablation(golden.model, run, candidates, loop_margin{}, golden.pool);
        for (std::size_t i = 0; i < changes.size(); i += 2)
            slopes.push_back((changes[i] - changes[i + 1]) / (double{1.02F} - double{0.98F}));
        CHECK(golden::difference(slopes, wanted) < 2e-3 * std::max(largest_of(list), 0.05));
    });
}

TEST_CASE("scores over positions add up to those over all of them, and both policies of memory agree bit for bit") {
    golden_run golden("moe");
    const recorded_run run = golden.run(1);
    const loop_margin margin;
    const auto all = gradient_x_activation<>{}.score(golden.model, run, margin, golden.pool);
    CHECK(gradient_x_activation<>{{}, kept_activations::every_site}.score(golden.model, run, margin, golden.pool) ==
          all);
    auto sum = gradient_x_activation<before_onset>{}.score(golden.model, run, margin, golden.pool);
    sum += gradient_x_activation<inside_loop>{}.score(golden.model, run, margin, golden.pool);
    for_each_list(all, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>& list) {
        CHECK(golden::difference(sum.of<Id>(layer), list) < 1e-12);
    });
}

TEST_CASE("weights of an interval bring out the change that is known, and share what lay between by the slopes") {
    const auto place = [](double share, double objective, double slope) {
        return detail::path_place{share, objective, 4 * slope, {5 * slope, -slope}};
    };
    // Two targets with slopes of one shape: whatever the places missed of it, they get 5/4 and -1/4 of the change.
    const std::array<detail::path_place, 3> peak{place(0.5, 1, 0.25), place(0.625, 9, 2), place(0.75, 4, -0.5)};
    const std::array<double, 3> weights = detail::interval_weights(peak.data());
    std::array<double, 2> scores{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 2; ++j) scores[j] += weights[i] * peak[i].slopes[j];
    CHECK(std::abs(scores[0] - 3.75) < 1e-12);
    CHECK(std::abs(scores[1] + 0.75) < 1e-12);
    CHECK(std::abs(detail::missed(peak.data()) - (3 - 0.25 * 4 * (0.25 + 8 - 0.5) / 6)) < 1e-12);
    // Where nothing is missed they are Simpson's, and so they are where no slope tells of the change.
    for (const double change : {0.0, 1.0}) {
        const std::array<detail::path_place, 3> flat{place(0, 0, 0), place(0.5, 0, 0), place(1, change, 0)};
        CHECK(detail::interval_weights(flat.data()) == detail::simpson);
    }
}

TEST_CASE("integrated gradients of every layer and kind add up to the change, and miss at most 1 % without help") {
    for (const std::string name : {"e_like", "moe"}) {
        golden_run golden(name);
        const recorded_run run = golden.run(2);
        const mean_activations means = golden.means();
        const integrated_gradients method(means);
        target_scores scores(golden.model.config());
        bool moves = false, jumps = false;
        for_each_list(scores, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>&) {
            const path_completeness sums =
                method.check<Id>(golden.model, run, layer, loop_margin{}, golden.pool, scores.of<Id>(layer));
            INFO(sums.attributed << " of " << sums.absolute << ", change " << sums.change << ", missed "
                                 << sums.missed);
            CHECK(std::abs(sums.attributed - sums.change) <= 1e-9 * sums.absolute);
            CHECK(sums.missed <= 0.01 * sums.absolute);
            if (name == "e_like") CHECK(sums.change == sums.free_change);
            moves = moves || std::abs(sums.change) > 0.01;
            jumps = jumps || std::abs(sums.free_change - sums.change) > 0.01;
            const bool is_last = layer + 1 == scores.layers() && !std::is_same_v<Id, head_id>;  // no router above
            if (is_last) CHECK(std::abs(sums.free_change - sums.change) < 1e-4);
        });
        CHECK(moves);
        CHECK(jumps == (name == "moe"));  // routers above the baseline choose other experts
    }
}

TEST_CASE(
    "patching in one's own activations changes nothing, and patching in none is minus gradient times activation") {
    golden_run golden("moe");
    const recorded_run run = golden.run(2);
    recorded_run halved = run;
    for (auto* const layers : {&halved.neurons, &halved.heads})
        for (auto& layer : *layers)
            for (float& value : layer) value *= 0.5F;
    for (auto& layer : halved.experts) {
        for (float& value : layer.weights) value *= 0.5F;
        for (float& value : layer.neurons) value *= 0.5F;
    }
    const auto gradients = gradient_x_activation<>{}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto own = attribution_patching<>{&run}.score(golden.model, run, loop_margin{}, golden.pool);
    const auto half = attribution_patching<>{&halved}.score(golden.model, run, loop_margin{}, golden.pool);
    for_each_list(gradients, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>& list) {
        CHECK(largest_of(own.of<Id>(layer)) == 0);
        std::vector<double> wanted = list;
        for (double& score : wanted) score *= -0.5;
        CHECK(apart(half.of<Id>(layer), wanted) < 1e-6);
    });
    for (auto& layer : halved.experts)
        for (auto& expert : layer.chosen) expert = (expert + 4) % 8;  // others than those of the run, mostly
    const auto others = attribution_patching<>{&halved}.score(golden.model, run, loop_margin{}, golden.pool);
    CHECK(others.of<expert_id>(1) != half.of<expert_id>(1));
}

TEST_CASE("without a baseline or another run the healthy positions of the run stand for it") {
    golden_run golden("dense");
    const recorded_run run = golden.run(1);  // the answer begins at 12, the loop at 20
    const mean_activations means = healthy_means(run, golden.model.config().layers.size());
    recorded_run flat = run;
    for (std::size_t layer = 0; layer < flat.neurons.size(); ++layer) {
        const std::size_t width = run.neurons_of(layer).columns(), channels = run.heads_of(layer).columns();
        double sum = 0;
        for (std::size_t t = 12; t < 20; ++t) sum += static_cast<double>(run.neurons_of(layer)[t][3]);
        CHECK(std::abs(static_cast<double>(means.mean<neuron_id>(layer, 3)) - sum / 8) < 1e-6);
        for (std::size_t i = 0; i < flat.neurons[layer].size(); ++i)
            flat.neurons[layer][i] = means.mean<neuron_id>(layer, i % width);
        for (std::size_t i = 0; i < flat.heads[layer].size(); ++i)
            flat.heads[layer][i] = means.mean<head_id>(layer, i % channels);
    }
    const auto scored = [&](const auto& method) { return method.score(golden.model, run, loop_margin{}, golden.pool); };
    const auto patched = scored(attribution_patching<>{});
    CHECK(patched == scored(attribution_patching<>{&flat}));
    CHECK(largest_of(patched.of<neuron_id>(1)) > 0);
    std::vector<double> own(run.neurons_of(1).columns()), given = own;
    const auto check = [&](const integrated_gradients& method, std::vector<double>& scores) {
        return method.check<neuron_id>(golden.model, run, 1, loop_margin{}, golden.pool, scores).change;
    };
    CHECK(check(integrated_gradients(), own) == check(integrated_gradients(means), given));
    CHECK(own == given);
}

TEST_CASE("layer conductance converges with the square of the steps, and is not gradient times activation") {
    golden_run golden("moe");
    const recorded_run run = golden.run(2);
    const auto of = [&](std::size_t evaluations) {
        return layer_conductance{evaluations}.score(golden.model, run, loop_margin{}, golden.pool);
    };
    const auto coarse = of(24), finer = of(48), finest = of(96);
    double first = 0, second = 0;
    for_each_list(finest, [&]<class Id>(target_kind<Id>, std::size_t layer, const std::vector<double>& list) {
        first = std::max(first, apart(coarse.of<Id>(layer), list));
        second = std::max(second, apart(finer.of<Id>(layer), list));
    });
    INFO(first << " then " << second);
    CHECK(second < 0.1);
    CHECK(second < 0.5 * first);
    const auto gradients = gradient_x_activation<>{}.score(golden.model, run, loop_margin{}, golden.pool);
    CHECK(apart(gradients.of<neuron_id>(1), finest.of<neuron_id>(1)) > 0.1);
}

TEST_CASE("costly methods tell how many gradients they take") {
    golden_run golden("dense");
    const decoder_config& config = golden.model.config();
    double passes = 0;  // a neuron's and a head's line in each layer, over the layers from the lowest that it reads
    for (std::size_t layer = 0; layer < config.layers.size(); ++layer)
        passes += 2 * static_cast<double>(config.layers.size() - config.lowest_read(layer));
    CHECK(layer_conductance{}.gradients(config) == 65);
    CHECK(integrated_gradients().gradients(config) == 64 * passes / static_cast<double>(config.layers.size()));
}

TEST_CASE("layer conductance is the change of the objective along what neurons move, found without gradients") {
    golden_run golden("moe");
    const recorded_run run = golden.run(2);
    const auto scores = layer_conductance{192}.score(golden.model, run, loop_margin{}, golden.pool);
    for (const std::int32_t layer : {1, 2}) {
        const std::vector<double>& list = scores.neurons(static_cast<std::size_t>(layer));
        double sum = 0;
        for (const double score : list) sum += score;
        const double all = change_along(golden, run, layer, 0, list.size());
        INFO("layer " << layer << ": " << sum << " for " << all);
        CHECK(std::abs(sum - all) < 0.02 * std::abs(all));
        const auto best = static_cast<std::size_t>(
            std::max_element(list.begin(), list.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }) -
            list.begin());
        const double one = change_along(golden, run, layer, best, best + 1);
        INFO("neuron " << best << ": " << list[best] << " for " << one);
        CHECK(std::abs(list[best] - one) < 0.01 * std::abs(one));
    }
}

TEST_CASE("methods that need gradients keep the laws of attribution", "[laws]") {
    golden_run golden("dense");
    const std::vector<std::string> none;
    const laws::attribution_claims anew{.reads_activations = false};  // they run the model themselves
    const mean_activations zeros(golden.model.config().layers.size());
    CHECK(laws::broken_attribution_laws(gradient_x_activation<>{}, golden.model, anew) == none);
    CHECK(laws::broken_attribution_laws(integrated_gradients(zeros, 3), golden.model, anew) == none);
    CHECK(laws::broken_attribution_laws(layer_conductance{2}, golden.model, anew) == none);
}
