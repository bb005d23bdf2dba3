// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The model that benchmarks run: a file or folder that UNLOOP_MODEL names, of any family.
#ifndef UNLOOP_BENCHMARKS_REAL_MODEL_HPP
#define UNLOOP_BENCHMARKS_REAL_MODEL_HPP

#include <cstdio>
#include <cstdlib>
#include <string>

#include "unloop/any_model.hpp"

namespace bench {

inline std::string model_path() {
    const char* const path = std::getenv("UNLOOP_MODEL");
    return path == nullptr ? "" : path;
}

/// Otherwise says that the benchmark is left out.
inline bool has_model(const char* benchmark) {
    if (model_path().empty()) std::printf("%s: skipped, UNLOOP_MODEL names no model\n", benchmark);
    return !model_path().empty();
}

}  // namespace bench

#endif
