// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// An executor whose type is known when the program runs, for code that shall be compiled once.
#ifndef UNLOOP_PARALLEL_ANY_EXECUTOR_HPP
#define UNLOOP_PARALLEL_ANY_EXECUTOR_HPP

#include <unloop/parallel/executor.hpp>

#include <concepts>  // same_as
#include <cstddef>   // size_t

namespace unloop::inline v0 {

/// Refers to an executor, which must outlive it. A loop costs two more calls.
class any_executor {
  public:
    template <executor Executor>
        requires(!std::same_as<Executor, any_executor>)
    explicit any_executor(Executor& held) noexcept
        : held_(&held),
          run_([](void* object, std::size_t count, std::size_t grain, const loop_body& body) {
              static_cast<Executor*>(object)->for_each(
                  count, grain, [&](std::size_t first, std::size_t last) { body.call(body.object, first, last); });
          }),
          threads_(held.threads()) {}

    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) {
        run_(held_, count, grain, {&body, [](const void* object, std::size_t first, std::size_t last) {
                                       (*static_cast<const Body*>(object))(first, last);
                                   }});
    }
    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

  private:
    struct loop_body {
        const void* object;
        void (*call)(const void* object, std::size_t first, std::size_t last);
    };

    void* held_;
    void (*run_)(void* object, std::size_t count, std::size_t grain, const loop_body& body);
    std::size_t threads_;
};
static_assert(executor<any_executor>);

}  // namespace unloop::inline v0

#endif
