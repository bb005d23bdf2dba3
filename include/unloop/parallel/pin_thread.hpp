// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Binds a thread to one core.
#ifndef UNLOOP_PARALLEL_PIN_THREAD_HPP
#define UNLOOP_PARALLEL_PIN_THREAD_HPP

#include <cstddef>  // size_t
#include <thread>   // what is bound
#if defined(__linux__)
#include <pthread.h>  // pthread_setaffinity_np
#include <sched.h>    // cpu_set_t
#endif

namespace unloop::inline v0 {

/// Binds `thread` to core number `index` among those that the calling thread may use, counted around. Returns whether
/// that was done: systems other than Linux have no such call, and more than 1024 cores are not looked at.
inline bool pin_thread([[maybe_unused]] std::thread& thread, [[maybe_unused]] std::size_t index) noexcept {
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return false;
    index %= static_cast<std::size_t>(CPU_COUNT(&allowed));
    std::size_t core = 0;
    for (;; ++core)
        if (CPU_ISSET(core, &allowed) && index-- == 0) break;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return pthread_setaffinity_np(thread.native_handle(), sizeof one, &one) == 0;
#else
    return false;
#endif
}

}  // namespace unloop::inline v0

#endif
