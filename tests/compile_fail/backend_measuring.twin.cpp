// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The twin that compiles: the caller says that results which depend on the batch are accepted.
#include <unloop/attribute.hpp>
#include <unloop/evaluate.hpp>
#include <unloop/io/load.hpp>
#include <unloop/search/loop_records.hpp>

template <int>
struct my_backend {
    using claims = unloop::claims<unloop::kernels::soft_cap_t>;
    void operator()(unloop::kernels::soft_cap_t, float, std::span<float>) const noexcept {}
};
template <int Which>
inline constexpr bool unloop::accepts_batch_dependence<my_backend<Which>> = true;
template <int Which>
using model = unloop::language_model<unloop::llama<my_backend<Which>>, unloop::gguf::checkpoint>;

auto attributes(const model<0>& mine, std::span<const unloop::recorded_run> runs, unloop::thread_pool& executor) {
    return unloop::attribute(mine, runs, unloop::direct_logit{}, unloop::loop_margin{}, executor);
}
auto evaluates(const model<1>& mine, const unloop::probe_suite& suite) { return unloop::answer_suite(mine, suite, {}); }
auto searches(const model<2>& mine, std::span<const std::vector<unloop::token_id>> prompts) {
    return unloop::answers_until_loop(mine, prompts, {}, {});
}
