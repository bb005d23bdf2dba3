// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The type of a loaded model, for functions that take one.
#ifndef UNLOOP_COMPILE_FAIL_ANY_MODEL_HPP
#define UNLOOP_COMPILE_FAIL_ANY_MODEL_HPP

#include <unloop/io/load.hpp>
#include <unloop/kernels/kernel.hpp>

using any_model = unloop::language_model<unloop::llama<unloop::reference>, unloop::gguf::checkpoint>;

#endif
