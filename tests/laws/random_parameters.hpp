// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random weights for blocks and models: a visitor of parameters that gives each of them values.
#ifndef UNLOOP_LAWS_RANDOM_PARAMETERS_HPP
#define UNLOOP_LAWS_RANDOM_PARAMETERS_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/core/random.hpp>

#include <cstddef>  // byte, size_t
#include <cstdint>  // uint64_t
#include <deque>    // memory that stays in place
#include <span>     // values to change
#include <vector>   // values

namespace laws {

/// `random_parameters weights; block.for_each_parameter(traits, weights);` Values are uniform in [-size, size) and the
/// same for parameters of the same shapes in the same order. Owns them: it outlives the block.
class random_parameters {
  public:
    explicit random_parameters(double size = 0.6, std::uint64_t seed = 100) noexcept : size_(size), seed_(seed) {}

    template <class Name>
    void operator()(const Name& /*name*/, unloop::parameter_shape shape, unloop::matrix_parameter& slot) {
        slot = unloop::as_weights({values(shape).data(), shape.rows, shape.columns});
    }
    template <class Name>
    void operator()(const Name& /*name*/, unloop::parameter_shape shape, unloop::vector_parameter& slot) {
        slot = values(shape);
    }

    /// The values of a matrix that was filled here, to be changed.
    [[nodiscard]] std::span<float> values_of(const unloop::matrix_parameter& filled) {
        for (std::vector<float>& made : memory_)
            if (reinterpret_cast<const std::byte*>(made.data()) == filled.data) return made;
        return {};
    }

  private:
    const std::vector<float>& values(unloop::parameter_shape shape) {
        unloop::random_sequence random(++seed_, shape.rows * shape.columns);
        std::vector<float>& made = memory_.emplace_back(shape.rows * shape.columns);
        for (float& value : made) value = static_cast<float>(size_ * (2 * random.uniform() - 1));
        return made;
    }

    double size_;
    std::uint64_t seed_;
    std::deque<std::vector<float>> memory_;
};

}  // namespace laws

#endif
