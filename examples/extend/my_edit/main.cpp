// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest edit operator of one's own, used as any other is, and checked with the laws that it claims.
#include <unloop/edit/operators.hpp>
#include <unloop/edit/plan_text.hpp>

#include <laws/edit_plan.hpp>

#include <iostream>
#include <vector>

// [operator]
/// The first target is silenced, each further one a little less: factors 0, 1/2, 2/3, 3/4, and so on.
struct taper {
    unloop::plan operator()(std::span<const unloop::target_id> targets) const {
        unloop::plan made{{}, "taper"};
        for (const auto& target : targets) {
            const auto rank = static_cast<float>(made.size());
            made.edits.push_back({target, rank / (rank + 1)});
        }
        return made;
    }
};
static_assert(unloop::edit_operator<taper>);
// [/operator]

int main() {
    // [laws]
    const auto broken = laws::broken_edit_operator_laws(taper{});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    const std::vector<unloop::target_id> best{unloop::neuron_id{12, 345}, unloop::expert_id{10, 6},
                                              unloop::expert_neuron_id{10, 6, 7}};  // best first
    std::cout << taper{}(best);
    return broken.empty() ? 0 : 1;
}
