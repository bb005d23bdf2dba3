// expect: backend: measuring needs batch_invariant
// expect: attribute(
// expect: answer_suite(
// expect: answers_until_loop(
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Attribution, evaluation and search refuse a backend whose results may depend on the batch.
#include <unloop/attribute.hpp>
#include <unloop/evaluate.hpp>
#include <unloop/io/load.hpp>
#include <unloop/search/loop_records.hpp>

template <int>  // one type a call: the compiler complains of each once
struct my_backend {
    using claims = unloop::claims<unloop::kernels::soft_cap_t>;
    void operator()(unloop::kernels::soft_cap_t, float, std::span<float>) const noexcept {}
};
template <int Which>
using model = unloop::language_model<unloop::llama<my_backend<Which>>, unloop::gguf::checkpoint>;

auto attributes(const model<0>& mine, std::span<const unloop::recorded_run> runs, unloop::thread_pool& executor) {
    return unloop::attribute(mine, runs, unloop::direct_logit{}, unloop::loop_margin{}, executor);
}
auto evaluates(const model<1>& mine, const unloop::probe_suite& suite) { return unloop::answer_suite(mine, suite, {}); }
auto searches(const model<2>& mine, std::span<const std::vector<unloop::token_id>> prompts) {
    return unloop::answers_until_loop(mine, prompts, {}, {});
}
