// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Comparisons of methods with exact ablation: rank statistics by hand, draws, a method that is exact, a planted target,
// and a comparison that is stopped and goes on.
#include <catch2/catch_test_macros.hpp>
#include <laws/attribution.hpp>
#include <unloop/attribute/compare_methods.hpp>
#include <unloop/attribute/exact_effect.hpp>

#include <cmath>
#include <set>

#include "support/fault_of.hpp"
#include "support/small_gemma4.hpp"

using namespace unloop;

namespace {

using values = std::vector<double>;

/// Exact ablation as a user's own method; counts how often it is asked.
struct counted_effect : exact_effect<> {
    static constexpr std::string_view name = "mine";
    int* calls;
    explicit counted_effect(int& to) : calls(&to) {}
    template <class Model, class Objective>
    target_scores score(const Model& model, const recorded_run& run, const Objective& objective,
                        thread_pool& executor) const {
        ++*calls;
        return exact_effect<>::score(model, run, objective, executor);
    }
};

struct small_comparison {
    golden::small_gemma4<reference> model{5};
    thread_pool pool{2};
    std::vector<recorded_run> runs{laws::looping_run(model, 1), laws::looping_run(model, 2)};
    compare_options options{.drawn = 12, .best = 3, .top = 4, .least_seconds = 0};
    int calls = 0;

    template <class Memory, class Progress>
    method_comparisons compare(std::span<const target_id> planted, Memory& memory, Progress&& progress) {
        return compare_methods(model, runs, loop_margin{}, pool, options, planted, memory, progress,
                               counted_effect(calls));
    }
};

}  // namespace

TEST_CASE("rank statistics are those of the definitions") {
    CHECK(spearman(values{1, 2, 3, 4}, values{10, 20, 30, 40}) == 1.0);
    CHECK(spearman(values{1, 2, 3, 4}, values{4, 3, 2, 1}) == -1.0);
    // Without ties it is 1 - 6 sum d^2 / (n (n^2 - 1)).
    CHECK(std::abs(*spearman(values{3, 1, 2, 5, 4}, values{1, 2, 3, 4, 5}) - (1 - 6.0 * 8 / 120)) < 1e-12);
    CHECK(std::abs(*spearman(values{1, 1, 2}, values{1, 2, 3}) - std::sqrt(0.75)) < 1e-12);
    CHECK(!spearman(values{1, 1, 1}, values{1, 2, 3}));
    CHECK(!spearman(values{1, 2}, values{1, 2}));
    CHECK(top_overlap(values{5, -9, 1, 0}, values{4, 3, 7, 0}, 2) == 0.5);
    CHECK(top_overlap(values{1, 1, 1}, values{1, 1, 1}, 2) == 1);
    CHECK(top_overlap(values{}, values{}, 2) == 1);
}

TEST_CASE("targets are drawn evenly over the layers that have some, once each") {
    const std::vector<layer_dimensions> layers{{.mlp_width = 30}, {}, {.mlp_width = 2}, {.mlp_width = 30}};
    const auto drawn = draw_evenly<neuron_id>(layers, 13, 5);
    std::array<std::size_t, 4> counts{};
    for (const neuron_id& id : drawn) ++counts[static_cast<std::size_t>(id.layer)];
    CHECK(counts == std::array<std::size_t, 4>{4, 0, 2, 5});
    CHECK(std::set<neuron_id>(drawn.begin(), drawn.end()).size() == drawn.size());
    CHECK(draw_evenly<neuron_id>(layers, 13, 5) == drawn);
    CHECK(draw_evenly<neuron_id>(layers, 13, 6) != drawn);
    CHECK(draw_evenly<expert_id>(layers, 13, 5).empty());
}

TEST_CASE("a method that is exact agrees with exact ablation, and finds what is behind the loop") {
    small_comparison small;
    no_value_memory none;
    const auto first = small.compare({}, none, no_progress{});
    std::size_t best = 0;
    for (std::size_t i = 0; i < first.tried.size(); ++i)
        if (std::holds_alternative<neuron_id>(first.tried[i]) && std::abs(first.exact[i]) > std::abs(first.exact[best]))
            best = i;
    const std::vector<target_id> planted{first.tried[best]};
    const auto found = small.compare(planted, none, no_progress{});
    CHECK(found.tried == first.tried);
    CHECK(found.exact == first.exact);
    std::size_t listed = 0;
    for_each_method([&]<class Listed>(const Listed&) { listed += Listed::role == method_role::costly ? 0U : 1U; });
    REQUIRE(found.methods.size() == listed + 2);
    const method_comparison& mine = found.methods[listed];
    CHECK(mine.name == "mine");
    REQUIRE(mine.kinds.size() == found.methods.back().kinds.size());
    for (const kind_agreement& kind : mine.kinds) {
        INFO(name_of(kind.kind));
        CHECK(kind.signed_ranks.value() > 1 - 1e-12);
        CHECK(kind.sizes.value() > 1 - 1e-12);
        CHECK(kind.overlap == 1);
        REQUIRE(kind.sizes_by_layer.size() == 4);
        REQUIRE(kind.signed_ranks_by_layer.size() == 4);
        REQUIRE(kind.overlap_by_layer.size() == 4);
        for (std::size_t l = 0; l < 4; ++l) {
            CHECK(kind.signed_ranks_by_layer[l].value_or(1) > 1 - 1e-12);
            CHECK(kind.signed_ranks_by_layer[l].has_value() == kind.sizes_by_layer[l].has_value());
            CHECK(kind.overlap_by_layer[l].value_or(1) == 1);
            const auto tried = std::count_if(found.tried.begin(), found.tried.end(), [&](const target_id& target) {
                return target.index() == kind.kind.index() && layer_of(target) == static_cast<std::int32_t>(l);
            });
            CHECK(kind.overlap_by_layer[l].has_value() == (tried > 4));
        }
        CHECK(kind.without_a_prompt.has_value());
        CHECK((kind.same_sign.value() >= 0.5 && kind.same_sign.value() <= 1));
    }
    CHECK(mine.precision_at(1) == 1);
    CHECK(mine.seconds > 0);
    CHECK(found.methods.back().name == "decision_ablation");
    const kind_agreement& other = found.methods.back().kinds.front();
    CHECK(other.sizes.value() < 1);
    CHECK(std::any_of(other.signed_ranks_by_layer.begin(), other.signed_ranks_by_layer.end(),
                      [](const std::optional<double>& layer) { return layer && *layer < 1; }));
    // What exact ablation says of a target is its mean over runs.
    const std::vector<target_factor> one{{planted.front(), 0.0F}};
    double sum = 0;
    for (const recorded_run& run : small.runs)
        sum -= exact_ablation(small.model, run, one, loop_margin{}, small.pool).front() / 2;
    CHECK(std::abs(found.exact[best] - sum) < 1e-12);
    std::size_t drawn = 0;
    for (const bool was : found.drawn) drawn += was ? 1U : 0U;
    CHECK((drawn >= 12 * 3 - 10 && drawn < found.tried.size()));
}

const target_scores& named(const method_comparisons& found, std::string_view name) {
    return std::find_if(found.methods.begin(), found.methods.end(),
                        [&](const method_comparison& one) { return one.name == name; })
        ->scores;
}

TEST_CASE("methods that count positions count those of the options, and exact ablation goes over all") {
    small_comparison small;
    small.runs.resize(1);
    no_value_memory none;
    const auto all = small.compare({}, none, no_progress{});
    small.options.positions = inside_loop{};
    const auto inside = small.compare({}, none, no_progress{});
    const auto gradient =
        gradient_x_activation<inside_loop>{}.score(small.model, small.runs[0], loop_margin{}, small.pool);
    CHECK(named(inside, "gradient_x_activation") == gradient);
    CHECK(named(all, "gradient_x_activation") != gradient);
    CHECK(named(all, "direct_logit") == named(inside, "direct_logit"));
    CHECK(named(all, "mine") == named(inside, "mine"));
}

TEST_CASE("costly methods join where they are asked for, with as many evaluations") {
    small_comparison small;
    small.runs.resize(1);
    small.options.costly = true;
    small.options.evaluations = 5;
    no_value_memory none;
    const auto found = small.compare({}, none, no_progress{});
    std::size_t listed = 0;
    for_each_method([&](const auto& one) {
        CHECK(found.methods[listed].name == one.method.name);
        CHECK(found.methods[listed++].role == one.role);
    });
    CHECK(found.methods[listed].name == "mine");
    const auto score = [&](const auto& method) {
        return method.score(small.model, small.runs[0], loop_margin{}, small.pool);
    };
    CHECK(named(found, "integrated_gradients") == score(integrated_gradients(5)));
    CHECK(named(found, "layer_conductance") == score(layer_conductance{5}));
    CHECK(named(found, "integrated_gradients") != score(integrated_gradients(7)));
    CHECK(named(found, "layer_conductance") != score(layer_conductance{7}));
}

TEST_CASE("a comparison that is stopped goes on where it was") {
    small_comparison small;
    no_value_memory none;
    const auto whole = small.compare({}, none, no_progress{});
    REQUIRE(small.calls == 2);
    int events = 0;
    const auto count = [&](const progress_event&) {
        ++events;
        return true;
    };
    memory_of_values unused;
    (void)small.compare({}, unused, count);
    const int all = events;
    for (const int last : {3, all / 2, all - 1}) {
        memory_of_values memory;
        int left = last;
        const auto stop = [&](const progress_event&) { return left-- > 0; };
        CHECK_THROWS_AS(small.compare({}, memory, stop), error);
        CHECK(memory.size() == static_cast<std::size_t>(last));
        small.calls = 0;
        const auto resumed = small.compare({}, memory, no_progress{});
        CHECK(small.calls == (last == all - 1 ? 0 : 2));
        CHECK(memory.size() == static_cast<std::size_t>(all));
        CHECK(resumed.exact == whole.exact);
        REQUIRE(resumed.methods.size() == whole.methods.size());
        for (std::size_t m = 0; m < whole.methods.size(); ++m) {
            CHECK(resumed.methods[m].scores == whole.methods[m].scores);
            CHECK(resumed.methods[m].kinds.size() == whole.methods[m].kinds.size());
        }
    }
}

TEST_CASE("what one planted target came to is not taken for another") {
    small_comparison small;
    no_value_memory none;
    const std::vector<target_id> tried = small.compare({}, none, no_progress{}).tried;
    std::vector<target_id> others;
    for (std::int32_t j = 0; others.size() < 2; ++j)
        if (!std::binary_search(tried.begin(), tried.end(), target_id(neuron_id{0, j})))
            others.push_back(neuron_id{0, j});
    memory_of_values memory;
    (void)small.compare(std::span(others).first(1), memory, no_progress{});
    CHECK(small.compare(std::span(others).last(1), memory, no_progress{}).exact ==
          small.compare(std::span(others).last(1), none, no_progress{}).exact);
}

TEST_CASE("a memory that holds something else is refused") {
    small_comparison small;
    memory_of_values memory;
    memory.keep("scores direct_logit 0", {1, 2, 3});
    CHECK(test::fault_of([&] { (void)small.compare({}, memory, no_progress{}); }).find("direct_logit") !=
          std::string::npos);
}

TEST_CASE("work that touches memory is seen to") {
    const memory_watch watch;
    std::vector<double> much(4 << 20, 1.0);
    CAPTURE(static_cast<const void*>(much.data()));  // or a compiler leaves the memory out
    CHECK(watch.bytes() > (much.size() * sizeof(double)) / 2);
}
