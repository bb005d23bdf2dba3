// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest loop detector of one's own, used as any other is, and checked with the laws that it claims.
#include <unloop/detect/find_loop.hpp>

#include <laws/loop_detector.hpp>

#include <iostream>
#include <vector>

// [detector]
/// One token, thirty times in a row.
class stuck_token {
  public:
    void reset() { *this = {}; }

    std::optional<unloop::finding> observe(unloop::token_id token) {
        copies_ = token == latest_ ? copies_ + 1 : 1;
        latest_ = token;
        ++seen_;
        if (copies_ < 30) return std::nullopt;
        return unloop::finding{unloop::loop_kind::periodic, seen_ - copies_, 1, copies_, copies_ - 1};
    }

  private:
    unloop::token_id latest_ = -1;
    std::int64_t copies_ = 0;
    std::int64_t seen_ = 0;
};
static_assert(unloop::loop_detector<stuck_token>);
// [/detector]

int main() {
    // [laws]
    const auto broken = laws::broken_loop_detector_laws(stuck_token{}, {.periods = {1}});
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    std::vector<unloop::token_id> answer{11, 12, 13};
    answer.resize(50, 7);
    const auto loop = unloop::find_loop(stuck_token{}, answer);
    if (loop) std::cout << loop->copies << " copies since token " << loop->start << '\n';
    return broken.empty() && loop ? 0 : 1;
}
