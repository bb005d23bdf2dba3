// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: stop_at makes a rule of it.
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/generate/generate.hpp>

#include "compile_fail/any_model.hpp"

unloop::record use(const any_model& model, const unloop::any_prompt& prompt) {
    return unloop::generate(model, prompt, {}, unloop::stop_at(unloop::periodic_loop{}));
}
