// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `evaluate`: probe suites, outcomes, side effects, controls.
#ifndef UNLOOP_EVALUATE_HPP
#define UNLOOP_EVALUATE_HPP

#include <unloop/evaluate/answer_items.hpp>
#include <unloop/evaluate/answer_score.hpp>
#include <unloop/evaluate/answers.hpp>
#include <unloop/evaluate/calibrated_plans.hpp>
#include <unloop/evaluate/choice_scores.hpp>
#include <unloop/evaluate/compare_arms.hpp>
#include <unloop/evaluate/copying.hpp>
#include <unloop/evaluate/forced_run.hpp>
#include <unloop/evaluate/forced_text.hpp>
#include <unloop/evaluate/gold.hpp>
#include <unloop/evaluate/head_patterns.hpp>
#include <unloop/evaluate/holm.hpp>
#include <unloop/evaluate/kl.hpp>
#include <unloop/evaluate/known_items.hpp>
#include <unloop/evaluate/loop_onset.hpp>
#include <unloop/evaluate/matched_controls.hpp>
#include <unloop/evaluate/measurement.hpp>
#include <unloop/evaluate/outcome.hpp>
#include <unloop/evaluate/outcome_shares.hpp>
#include <unloop/evaluate/own_answers.hpp>
#include <unloop/evaluate/paired.hpp>
#include <unloop/evaluate/predictions.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/evaluate/rate.hpp>
#include <unloop/evaluate/reference_text.hpp>
#include <unloop/evaluate/short_lists.hpp>
#include <unloop/evaluate/side_effect_metric.hpp>
#include <unloop/evaluate/sign_flip.hpp>
#include <unloop/evaluate/signed_ranks.hpp>
#include <unloop/evaluate/strength_on_texts.hpp>
#include <unloop/evaluate/survival.hpp>
#include <unloop/evaluate/topic_changes.hpp>

#endif
