// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `model`: decoders as aliases of blocks, their shapes and their running state.
#ifndef UNLOOP_MODEL_HPP
#define UNLOOP_MODEL_HPP

#include <unloop/model/any_decoder.hpp>
#include <unloop/model/backward.hpp>
#include <unloop/model/backward_state.hpp>
#include <unloop/model/decoder.hpp>
#include <unloop/model/decoder_config.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/model/gemma4.hpp>
#include <unloop/model/gemma4_config.hpp>
#include <unloop/model/gemma4_presets.hpp>
#include <unloop/model/layer_range.hpp>
#include <unloop/model/llama.hpp>
#include <unloop/model/mixtral.hpp>
#include <unloop/model/parameter_table.hpp>
#include <unloop/model/targets.hpp>
#include <unloop/model/weight_gradients.hpp>

#endif
