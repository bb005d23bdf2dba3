// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `parallel`: executors that divide independent work over threads.
#ifndef UNLOOP_PARALLEL_HPP
#define UNLOOP_PARALLEL_HPP

#include <unloop/parallel/any_executor.hpp>
#include <unloop/parallel/executor.hpp>
#include <unloop/parallel/pin_thread.hpp>
#include <unloop/parallel/serial.hpp>
#include <unloop/parallel/thread_pool.hpp>

#endif
