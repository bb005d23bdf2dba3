// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Random weights for blocks and models: a visitor of parameters that gives each of them values.
#ifndef UNLOOP_LAWS_RANDOM_PARAMETERS_HPP
#define UNLOOP_LAWS_RANDOM_PARAMETERS_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/core/random.hpp>

#include <laws/random_weights.hpp>

#include <cstddef>  // byte, size_t
#include <cstdint>  // uint64_t
#include <deque>    // memory that stays in place
#include <span>     // values to change
#include <vector>   // values

namespace laws {

/// `random_parameters weights; block.for_each_parameter(traits, weights);` Values are uniform in [-size, size) and the
/// same for parameters of the same shapes in the same order. Matrices are stored in `format`, whose blocks must fill
/// their rows; of formats with blocks, codes and scales are uniform. Owns them: it outlives the block.
class random_parameters {
  public:
    explicit random_parameters(double size = 0.6, std::uint64_t seed = 100,
                               unloop::number_format format = unloop::number_format::f32) noexcept
        : size_(size), seed_(seed), format_(format) {}

    template <class Name>
    void operator()(const Name& /*name*/, unloop::parameter_shape shape, unloop::matrix_parameter& slot) {
        if (format_ == unloop::number_format::f32)
            slot = unloop::as_weights({values(shape).data(), shape.rows, shape.columns});
        else
            slot = {format_, shape.rows, shape.columns, unloop::bytes_of(format_, shape.columns), stored(shape)};
    }
    template <class Name>
    void operator()(const Name& /*name*/, unloop::parameter_shape shape, unloop::vector_parameter& slot) {
        slot = values(shape);
    }

    /// The values of a float32 matrix that was filled here, to be changed.
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
    const std::byte* stored(unloop::parameter_shape shape) {
        return unloop::visit_format(format_, [&](auto format) {
            using format_type = decltype(format);
            const double largest_code[] = {1, 128, 16};  // by the number of scales: those of Q8_0, d and m of Q4_1
            const double scale = size_ / largest_code[format_type::scale_offsets.size()];
            blocks_.push_back(detail::some_weights<format_type>(shape.rows * shape.columns, ++seed_, scale));
            return static_cast<const std::byte*>(blocks_.back().data());
        });
    }

    double size_;
    std::uint64_t seed_;
    unloop::number_format format_;
    std::deque<std::vector<float>> memory_;
    std::deque<std::vector<std::byte>> blocks_;
};

}  // namespace laws

#endif
