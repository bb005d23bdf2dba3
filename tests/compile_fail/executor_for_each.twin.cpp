// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: it calls it with a range.
#include <unloop/kernels/kernel.hpp>
#include <unloop/model/llama.hpp>

#include <cstddef>  // size_t
#include <span>     // tokens

struct executor {
    template <class Body>
    auto for_each(std::size_t count, std::size_t, const Body& body) -> decltype(body(std::size_t{0}, count)) {
        body(std::size_t{0}, count);
    }
    std::size_t threads() const { return 1; }
};

void use(const unloop::llama<unloop::reference>& model, unloop::decoder_state& state,
         std::span<const unloop::batch_token> tokens, executor& mine, unloop::no_tap& none) {
    model.forward(state, tokens, mine, none);
}
