// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `search`: from looping answers to the best edit within a budget.
#ifndef UNLOOP_SEARCH_HPP
#define UNLOOP_SEARCH_HPP

#include <unloop/search/any_strategy.hpp>
#include <unloop/search/backward_pruning.hpp>
#include <unloop/search/coordinate_search.hpp>
#include <unloop/search/decoys.hpp>
#include <unloop/search/evolution_strategy.hpp>
#include <unloop/search/fault_drawer.hpp>
#include <unloop/search/free_trial.hpp>
#include <unloop/search/front.hpp>
#include <unloop/search/gain_example.hpp>
#include <unloop/search/gain_fit.hpp>
#include <unloop/search/gain_tap.hpp>
#include <unloop/search/greedy_combinations.hpp>
#include <unloop/search/learned_gains.hpp>
#include <unloop/search/localization.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/loop_records.hpp>
#include <unloop/search/looping_runs.hpp>
#include <unloop/search/plant_fault.hpp>
#include <unloop/search/planting.hpp>
#include <unloop/search/ranked_pruning.hpp>
#include <unloop/search/rescore.hpp>
#include <unloop/search/search.hpp>
#include <unloop/search/search_memory.hpp>
#include <unloop/search/search_strategy.hpp>
#include <unloop/search/selection_noise.hpp>
#include <unloop/search/successive_halving.hpp>
#include <unloop/search/surprise_descent.hpp>
#include <unloop/search/time_limit.hpp>
#include <unloop/search/top_k_grid.hpp>
#include <unloop/search/trial.hpp>
#include <unloop/search/weights_touched.hpp>

#endif
