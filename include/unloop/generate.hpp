// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `generate`: from prompts to records, batched and reproducible.
#ifndef UNLOOP_GENERATE_HPP
#define UNLOOP_GENERATE_HPP

#include <unloop/generate/activation_recorder.hpp>
#include <unloop/generate/distribution.hpp>
#include <unloop/generate/draft.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/generate/largest_logits.hpp>
#include <unloop/generate/logit_bound.hpp>
#include <unloop/generate/logit_processor.hpp>
#include <unloop/generate/logit_threshold.hpp>
#include <unloop/generate/min_p.hpp>
#include <unloop/generate/no_repeat_ngram.hpp>
#include <unloop/generate/prompt.hpp>
#include <unloop/generate/record.hpp>
#include <unloop/generate/repetition_penalty.hpp>
#include <unloop/generate/row_queue.hpp>
#include <unloop/generate/sampler.hpp>
#include <unloop/generate/sampler_chain.hpp>
#include <unloop/generate/sampling.hpp>
#include <unloop/generate/shared_pass.hpp>
#include <unloop/generate/stop_rule.hpp>
#include <unloop/generate/temperature.hpp>
#include <unloop/generate/top_k.hpp>
#include <unloop/generate/top_p.hpp>
#include <unloop/generate/trace.hpp>

#endif
