// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Reports small units of work to a progress sink now and then, so that the reports cost nothing.
#ifndef UNLOOP_CORE_PROGRESS_COUNTER_HPP
#define UNLOOP_CORE_PROGRESS_COUNTER_HPP

#include <unloop/core/progress.hpp>

#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <string_view>  // name of the stage

namespace unloop::inline v0 {

/// `progress_counter counter("encode", text.size()); ... if (!counter.add(piece.size(), sink)) throw ...;`
class progress_counter {
  public:
    /// `stage` must outlive the counter; `total` 0 means unknown.
    constexpr progress_counter(std::string_view stage, std::size_t total, std::size_t every = 65536) noexcept
        : stage_(stage), total_(total), every_(every) {}

    /// `units` more are done. Tells the sink at the first call, and then after at least `every` units. Returns whether
    /// to go on. O(1).
    template <class Progress>
    constexpr bool add(std::size_t units, Progress& progress) {
        require_progress_sink<Progress>();
        done_ += units;
        if (done_ < next_) return true;
        next_ = done_ + every_;
        return progress(progress_event{stage_, static_cast<std::int64_t>(done_), static_cast<std::int64_t>(total_)});
    }

  private:
    std::string_view stage_;
    std::size_t total_;
    std::size_t every_;
    std::size_t done_ = 0;
    std::size_t next_ = 0;
};

}  // namespace unloop::inline v0

#endif
