// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// One type for the models of tests above `model`, compiled once for all rooms.
#ifndef UNLOOP_TESTS_SUPPORT_ANY_MODEL_HPP
#define UNLOOP_TESTS_SUPPORT_ANY_MODEL_HPP

#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/io/open.hpp>

#include <string>

namespace test {

using any_model = unloop::language_model<unloop::any_decoder<unloop::dispatched>, unloop::any_checkpoint>;

/// A GGUF file or a folder, by path.
any_model load_model(const std::string& path);

/// A golden model, by its place among the goldens.
any_model golden_model(const std::string& name = "gguf/llama.bf16.gguf");

}  // namespace test

#endif
