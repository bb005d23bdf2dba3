// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The executor of one thread: the caller's.
#ifndef UNLOOP_PARALLEL_SERIAL_HPP
#define UNLOOP_PARALLEL_SERIAL_HPP

#include <unloop/parallel/executor.hpp>

#include <cstddef>  // size_t

namespace unloop::inline v0 {

struct serial {
    template <class Body>
    void for_each(std::size_t count, std::size_t /*grain*/, const Body& body) const {
        if (count > 0) body(std::size_t{0}, count);
    }
    [[nodiscard]] static constexpr std::size_t threads() noexcept { return 1; }
};
static_assert(executor<serial>);

}  // namespace unloop::inline v0

#endif
