// expect: token_sampler: needs unloop::token_id choose(const Backend&, std::span<const float> logits, std::span<const
// expect: unloop::token_id> context, unloop::draw_id) const; see docs/concepts/sampler.md
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A sampler that wants the logits alone.
#include <unloop/generate/generate.hpp>

#include <span>  // logits

#include "compile_fail/any_model.hpp"

struct sampler {
    unloop::token_id choose(std::span<const float>) const { return 0; }
};

unloop::record use(const any_model& model, const unloop::any_prompt& prompt) {
    return unloop::generate(model, prompt, {}, unloop::never_stop{}, sampler{});
}
