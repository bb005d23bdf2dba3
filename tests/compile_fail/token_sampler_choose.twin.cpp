// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it takes what there is.
#include <unloop/generate/generate.hpp>

#include <span>  // logits

#include "compile_fail/any_model.hpp"

struct sampler {
    unloop::token_id choose(const unloop::reference&, std::span<const float>, std::span<const unloop::token_id>,
                            unloop::draw_id) const {
        return 0;
    }
};

unloop::record use(const any_model& model, const unloop::any_prompt& prompt) {
    return unloop::generate(model, prompt, {}, unloop::never_stop{}, sampler{});
}
