// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Golden models of any family and container, with what transformers says of them.
#ifndef UNLOOP_TESTS_EDIT_RUN_OF_HPP
#define UNLOOP_TESTS_EDIT_RUN_OF_HPP

#include <string>

#include "model/golden_run.hpp"
#include "support/any_model.hpp"

namespace test {

/// The model at `place` among the goldens, which is the one called `name` in some container.
inline golden::golden_run<any_model> run_of(const std::string& place, const std::string& name) {
    return {golden_model(place), "models/" + name + "/expected.safetensors"};
}

}  // namespace test

#endif
