// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What long work takes, told before it begins.
#include "estimates.hpp"

#include <unloop/attribute/decisions.hpp>
#include <unloop/attribute/method_list.hpp>
#include <unloop/report/number_text.hpp>

#include <algorithm>  // max

namespace tool {

namespace {

using namespace unloop;

std::string line(const std::string& of, double gradients, std::size_t tokens, const backward_cost& gradient) {
    return of + ": at most " + fixed_text(gradients, 0) + " gradients, each at most " + describe(gradient) + " over " +
           std::to_string(tokens) + " tokens\n";
}

}  // namespace

std::string describe(const backward_cost& gradient) {
    return fixed_text(static_cast<double>(gradient.bytes) / (1 << 20), 0) + " MiB and " +
           fixed_text(gradient.multiply_adds / gradient.of_forward, 1) + " times a forward pass";
}

std::string describe(const gain_cost& cost) {
    return line("gains", static_cast<double>(cost.gradients), cost.tokens, cost.gradient);
}

std::string method_estimate(const decoder_config& config, std::span<const std::vector<token_id>> prompts,
                            const localize_options& options) {
    std::size_t longest = options.max_tokens;
    for (const auto& prompt : prompts) longest = std::max(longest, prompt.size() + options.max_tokens);
    const backward_cost gradient = gradient_cost(config, {1, longest, longest, decision_options{}.most_decisions});
    std::string text;
    for_each_method([&]<class Listed>(const Listed& listed) {
        if constexpr (Listed::role == method_role::costly)
            if (listed.method.name == options.method)
                text = line(options.method, static_cast<double>(options.most_runs) * listed.method.gradients(config),
                            longest, gradient);
    });
    return text;
}

}  // namespace tool
