// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A precondition that holds in every build: broken, it names itself on standard error and aborts.
#ifndef UNLOOP_CORE_EXPECTS_HPP
#define UNLOOP_CORE_EXPECTS_HPP

#include <cstdio>           // fprintf
#include <cstdlib>          // abort
#include <source_location>  // where the caller stands

#ifdef __FAST_MATH__
#error "unloop: results must be reproducible, and -ffast-math gives up the order of sums; compile without it"
#endif

namespace unloop::inline v0 {

/// Aborts with `requirement` unless `holds`. For errors of the calling program only; bad input throws `unloop::error`.
/// Never throws, so kernels and blocks may use it. O(1).
constexpr void expects(bool holds, const char* requirement,
                       std::source_location where = std::source_location::current()) noexcept {
    if (holds) [[likely]]
        return;
    std::fprintf(stderr, "unloop: precondition broken in %s (%s:%u): %s\n", where.function_name(), where.file_name(),
                 static_cast<unsigned>(where.line()), requirement);
    std::abort();
}

}  // namespace unloop::inline v0

#endif
