// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest executor of one's own, used as any other is, and checked with the laws of executors.
#include <unloop/blocks/block_run.hpp>
#include <unloop/kernels.hpp>

#include <laws/executor.hpp>

#include <algorithm>
#include <iostream>
#include <thread>
#include <vector>

// [executor]
/// Starts its threads anew for every loop: simple, and slow where loops are short.
class fresh_threads {
  public:
    explicit fresh_threads(std::size_t threads) : threads_(threads) {}

    template <class Body>
    void for_each(std::size_t count, std::size_t grain, const Body& body) const {
        const std::size_t piece = std::max<std::size_t>(grain, 1);
        std::vector<std::jthread> workers;  // joined when they go out of scope
        for (std::size_t t = 0; t < threads_; ++t)
            workers.emplace_back([&, t] {
                for (std::size_t first = t * piece; first < count; first += threads_ * piece)
                    body(first, std::min(first + piece, count));
            });
    }
    std::size_t threads() const { return threads_; }

  private:
    std::size_t threads_;
};
static_assert(unloop::executor<fresh_threads>);
// [/executor]

int main() {
    // [laws]
    fresh_threads executor(3);
    const auto broken = laws::broken_executor_laws(executor);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    const std::vector<float> weights(40 * 8, 0.5F), inputs(2 * 8, 1.0F);
    std::vector<float> outputs(2 * 40);
    const unloop::const_matrix_view matrix(weights.data(), 40, 8), rows(inputs.data(), 2, 8);
    // [use]
    unloop::apply_linear(unloop::reference{}, executor, unloop::as_weights(matrix), rows,
                         unloop::matrix_view(outputs.data(), 2, 40));  // 40 output rows over three threads
    // [/use]
    std::cout << std::count(outputs.begin(), outputs.end(), 4.0F) << " outputs\n";
    return broken.empty() ? 0 : 1;
}
