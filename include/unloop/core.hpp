// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Umbrella of the room `core`: errors, ids, findings, random numbers, progress.
#ifndef UNLOOP_CORE_HPP
#define UNLOOP_CORE_HPP

#include <unloop/core/error.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>
#include <unloop/core/named_choice.hpp>
#include <unloop/core/progress.hpp>
#include <unloop/core/progress_counter.hpp>
#include <unloop/core/random.hpp>
#include <unloop/core/target.hpp>
#include <unloop/core/target_kinds.hpp>

#endif
