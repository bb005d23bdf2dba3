// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `attribute`: from a looping record to scores of neurons and layers.
#ifndef UNLOOP_ATTRIBUTE_HPP
#define UNLOOP_ATTRIBUTE_HPP

#include <unloop/attribute/activation_ratio.hpp>
#include <unloop/attribute/any_objective.hpp>
#include <unloop/attribute/any_positions.hpp>
#include <unloop/attribute/attention_probabilities.hpp>
#include <unloop/attribute/attribution.hpp>
#include <unloop/attribute/attribution_patching.hpp>
#include <unloop/attribute/baselines.hpp>
#include <unloop/attribute/branch_tokens.hpp>
#include <unloop/attribute/compare_methods.hpp>
#include <unloop/attribute/decisions.hpp>
#include <unloop/attribute/direct_logit.hpp>
#include <unloop/attribute/draw_targets.hpp>
#include <unloop/attribute/exact_ablation.hpp>
#include <unloop/attribute/exact_effect.hpp>
#include <unloop/attribute/expert_scores.hpp>
#include <unloop/attribute/frozen_stream.hpp>
#include <unloop/attribute/gradient_x_activation.hpp>
#include <unloop/attribute/integrated_gradients.hpp>
#include <unloop/attribute/layer_ablation.hpp>
#include <unloop/attribute/layer_conductance.hpp>
#include <unloop/attribute/logit_components.hpp>
#include <unloop/attribute/loop_and_healthy.hpp>
#include <unloop/attribute/mean_activations.hpp>
#include <unloop/attribute/method_comparison.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/attribute/objective.hpp>
#include <unloop/attribute/objective_gradient.hpp>
#include <unloop/attribute/objectives.hpp>
#include <unloop/attribute/onset_difference.hpp>
#include <unloop/attribute/positions.hpp>
#include <unloop/attribute/rank_agreement.hpp>
#include <unloop/attribute/recorded_choice.hpp>
#include <unloop/attribute/recorded_run.hpp>
#include <unloop/attribute/run_repeater.hpp>
#include <unloop/attribute/score_aggregate.hpp>
#include <unloop/attribute/score_values.hpp>
#include <unloop/attribute/target_elements.hpp>
#include <unloop/attribute/target_scores.hpp>
#include <unloop/attribute/target_strength.hpp>
#include <unloop/attribute/value_memory.hpp>

#endif
