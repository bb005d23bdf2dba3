// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest sink of progress: it may change, and answers with what converts to bool.
#ifndef UNLOOP_ARCHETYPES_PROGRESS_SINK_HPP
#define UNLOOP_ARCHETYPES_PROGRESS_SINK_HPP

#include <unloop/core/progress.hpp>

namespace archetypes {

/// Counts down, and stops at 0. Neither copied nor default-constructible.
class progress_sink {
  public:
    explicit progress_sink(int reports) : left_(reports) {}
    progress_sink(const progress_sink&) = delete;
    progress_sink& operator=(const progress_sink&) = delete;
    int operator()(const unloop::progress_event& /*event*/) { return left_ > 0 ? left_-- : 0; }

  private:
    int left_;
};

}  // namespace archetypes

#endif
