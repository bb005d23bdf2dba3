// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `search`: from looping answers to the best edit within a budget.
#ifndef UNLOOP_SEARCH_HPP
#define UNLOOP_SEARCH_HPP

#include <unloop/search/decoys.hpp>
#include <unloop/search/greedy_combinations.hpp>
#include <unloop/search/localize.hpp>
#include <unloop/search/loop_records.hpp>
#include <unloop/search/looping_runs.hpp>
#include <unloop/search/plant_fault.hpp>
#include <unloop/search/planting.hpp>
#include <unloop/search/search.hpp>

#endif
