// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `edit`: plans, and the four places that they apply to: activations, batch rows, memory, files.
#ifndef UNLOOP_EDIT_HPP
#define UNLOOP_EDIT_HPP

#include <unloop/edit/apply.hpp>
#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/copy_value.hpp>
#include <unloop/edit/edited_rows.hpp>
#include <unloop/edit/edited_tensor.hpp>
#include <unloop/edit/edits_by_layer.hpp>
#include <unloop/edit/fingerprint.hpp>
#include <unloop/edit/generate_candidates.hpp>
#include <unloop/edit/in_memory.hpp>
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/edit/plan_tap.hpp>
#include <unloop/edit/plan_text.hpp>
#include <unloop/edit/plant.hpp>
#include <unloop/edit/receipt.hpp>
#include <unloop/edit/row_plans.hpp>
#include <unloop/edit/scale_row.hpp>
#include <unloop/edit/target_weights.hpp>

#endif
