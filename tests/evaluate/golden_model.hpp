// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The small model of the goldens, for tests that need one that runs.
#ifndef UNLOOP_TESTS_EVALUATE_GOLDEN_MODEL_HPP
#define UNLOOP_TESTS_EVALUATE_GOLDEN_MODEL_HPP

#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>

#include <string>

#include "support/golden.hpp"

namespace tests {

inline auto golden_llama(const std::string& name = "gguf/llama.bf16.gguf") {
    return unloop::load<unloop::llama>(unloop::gguf::open(golden::path(name)), unloop::dispatched{});
}

}  // namespace tests

#endif
