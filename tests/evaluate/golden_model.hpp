// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The small model of the goldens, for tests that need one that runs.
#ifndef UNLOOP_TESTS_EVALUATE_GOLDEN_MODEL_HPP
#define UNLOOP_TESTS_EVALUATE_GOLDEN_MODEL_HPP

#include <string>

#include "support/any_model.hpp"
#include "support/golden.hpp"

namespace tests {

inline auto golden_llama(const std::string& name = "gguf/llama.bf16.gguf") { return test::golden_model(name); }

}  // namespace tests

#endif
