// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Types that offer what the concepts of loop detectors ask for, and nothing else.
#ifndef UNLOOP_ARCHETYPES_LOOP_DETECTOR_HPP
#define UNLOOP_ARCHETYPES_LOOP_DETECTOR_HPP

#include <unloop/core/finding.hpp>
#include <unloop/core/ids.hpp>

#include <cstdint>      // int64_t
#include <optional>     // a finding, or none
#include <string_view>  // pieces of text

namespace archetypes {

/// Finds the first token, whatever it is. Not default-constructible, not comparable.
class loop_detector {
  public:
    explicit loop_detector(unloop::token_id /*unused*/) {}
    void reset() { seen_ = 0; }
    std::optional<unloop::finding> observe(unloop::token_id /*token*/) {
        return unloop::finding{.period = 1, .copies = ++seen_, .evidence = seen_};
    }

  private:
    std::int64_t seen_ = 0;
};

/// Finds the first piece, whatever it is; does not judge ends.
class text_loop_detector {
  public:
    explicit text_loop_detector(unloop::token_id /*unused*/) {}
    void reset() { seen_ = 0; }
    std::optional<unloop::finding> observe(std::string_view /*piece*/) {
        return unloop::finding{.period = 1, .copies = ++seen_, .evidence = seen_};
    }

  private:
    std::int64_t seen_ = 0;
};

}  // namespace archetypes

#endif
