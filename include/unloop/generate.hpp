// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `generate`: from prompts to records, batched and reproducible.
#ifndef UNLOOP_GENERATE_HPP
#define UNLOOP_GENERATE_HPP

#include <unloop/generate/generate.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/generate/row_queue.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/generate/stop_rule.hpp>

#endif
