// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What is remembered is not computed again, comes back as it was, and is refused where it cannot be what is asked for.
#include <unloop/attribute/value_memory.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/value_memory.hpp>
#include <unloop/attribute/score_values.hpp>

#include "support/fault_of.hpp"
#include "support/watched_memory.hpp"

using namespace unloop;

TEST_CASE("memories keep the laws, and one that rounds or mixes up keys does not") {
    CHECK(laws::broken_value_memory_laws(memory_of_values()).empty());
    CHECK(laws::broken_value_memory_laws(no_value_memory()).size() == 3);
    struct rounding : memory_of_values {
        void keep(std::string_view key, std::vector<double> values) {
            for (double& value : values) value = static_cast<double>(static_cast<float>(value));
            memory_of_values::keep(key, values);
        }
    };
    CHECK(laws::broken_value_memory_laws(rounding()).size() == 2);
    struct forgetful : memory_of_values {
        void keep(std::string_view key, const std::vector<double>& values) {
            memory_of_values::keep(key.substr(0, 100), values);
        }
        std::optional<std::vector<double>> find(std::string_view key) const {
            return memory_of_values::find(key.substr(0, 100));
        }
    };
    CHECK(laws::broken_value_memory_laws(forgetful()).size() == 1);
}

TEST_CASE("values are computed once, and refused where there are more or fewer than are needed") {
    test::watched_memory memory;
    int computed = 0;
    const auto work = [&] { return ++computed, std::vector<double>{1.5, -0.25}; };
    CHECK(recalled(memory, "a", 2, work) == std::vector<double>{1.5, -0.25});
    CHECK(recalled(memory, "a", 2, work) == std::vector<double>{1.5, -0.25});
    CHECK(computed == 1);
    CHECK(recalled(memory, "b", 2, work).size() == 2);
    CHECK(computed == 2);
    CHECK(test::fault_of([&] { (void)recalled(memory, "a", 3, work); }) ==
          "what is remembered of 'a' has 2 numbers where 3 are needed");
}

TEST_CASE("parts of a memory keep apart what has equal keys") {
    memory_of_values memory;
    prefixed_memory first(memory, "first "), second(memory, "second ");
    first.keep("a", {1});
    CHECK(first.find("a") == std::vector<double>{1});
    CHECK_FALSE(second.find("a"));
    CHECK(memory.find("first a") == std::vector<double>{1});
}

TEST_CASE("scores come back from their values, each to its target") {
    decoder_config config;
    config.layers.resize(2);
    config.layers[0].mlp_width = 3, config.layers[1].mlp_width = 2;
    target_scores scores(config);
    scores[neuron_id{0, 2}] = 7, scores[neuron_id{1, 0}] = -5;
    const std::vector<double> values = values_of(scores);
    CHECK(values == std::vector<double>{0, 0, 7, -5, 0});
    test::watched_memory memory;
    const auto twice = [&] { return recalled_scores(memory, "s", target_scores(config), [&] { return scores; }); };
    CHECK(values_of(twice()) == values);
    CHECK(values_of(twice()) == values);
    CHECK(twice()[neuron_id{1, 0}] == -5);
    CHECK(memory.kept == 1);
}
