// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The gradients of chosen weight matrices, summed over the tokens of backward passes.
#ifndef UNLOOP_MODEL_WEIGHT_GRADIENTS_HPP
#define UNLOOP_MODEL_WEIGHT_GRADIENTS_HPP

#include <unloop/blocks/parameter.hpp>
#include <unloop/core/expects.hpp>
#include <unloop/kernels/add_outer.hpp>
#include <unloop/tensor/aligned_vector.hpp>
#include <unloop/tensor/view.hpp>

#include <algorithm>  // find
#include <concepts>   // same_as
#include <cstddef>    // size_t
#include <map>        // sums by name
#include <span>       // names
#include <utility>    // move

namespace unloop::inline v0 {

/// A gradient tap that adds up the gradients of the matrices that are asked for, in float32 whatever the format of the
/// weights, 4 bytes a weight; passes add to each other. Tokens are added in ascending order, so neither threads
/// nor what is kept of the forward pass shows in a bit. O(tokens * weights) a pass.
template <class Backend>
class weight_gradients {
  public:
    /// decoder: a copy of it is visited. A name that it has no matrix of is a broken precondition.
    template <class Decoder>
    weight_gradients(Backend backend, Decoder decoder, std::span<const parameter_name> wanted)
        : backend_(std::move(backend)) {
        decoder.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape shape, Slot&) {
            if constexpr (std::same_as<Slot, matrix_parameter>)
                if (std::find(wanted.begin(), wanted.end(), name) != wanted.end())
                    sums_[name] = {shape, aligned_vector<float>(shape.rows * shape.columns)};
        });
        const parameter_name head{-1, parameter_role::head};  // no parameter of its own where it is tied
        if (decoder.config().tied_head && std::find(wanted.begin(), wanted.end(), head) != wanted.end())
            sums_[head] = {{decoder.config().vocabulary, decoder.config().hidden},
                           aligned_vector<float>(decoder.config().vocabulary * decoder.config().hidden)};
        for (const parameter_name& name : wanted)
            expects(sums_.contains(name), "weight_gradients: the decoder has no such matrix");
    }

    void operator()(const parameter_name& name, const_matrix_view inputs, const_matrix_view gradients) {
        if (const auto found = sums_.find(name); found != sums_.end())
            for (std::size_t t = 0; t < inputs.rows(); ++t) {
                sum& to = found->second;
                kernels::add_outer(backend_, gradients[t], inputs[t],
                                   {to.values.data(), to.shape.rows, to.shape.columns});
            }
    }

    /// [rows, columns] of the matrix; zeros before the first pass.
    [[nodiscard]] const_matrix_view of(const parameter_name& name) const {
        const auto found = sums_.find(name);
        expects(found != sums_.end(), "weight_gradients: this matrix was not asked for");
        const sum& held = found->second;
        return {held.values.data(), held.shape.rows, held.shape.columns};
    }

  private:
    struct sum {
        parameter_shape shape;
        aligned_vector<float> values;
    };

    Backend backend_;
    std::map<parameter_name, sum> sums_;
};

}  // namespace unloop::inline v0

#endif
