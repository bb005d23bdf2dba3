// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A model's parameters by name, whatever blocks it is made of.
#ifndef UNLOOP_MODEL_PARAMETER_TABLE_HPP
#define UNLOOP_MODEL_PARAMETER_TABLE_HPP

#include <unloop/blocks/parameter.hpp>

#include <concepts>  // same_as
#include <map>       // the table

namespace unloop::inline v0 {

/// Views of a decoder's weights, which must outlive it. O(parameters log parameters) to make.
class parameter_table {
  public:
    template <class Decoder>
    explicit parameter_table(const Decoder& decoder) {
        Decoder views = decoder;  // the visitor hands out slots that could be bound; a copy shares the weights
        views.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape /*shape*/, Slot& slot) {
            if constexpr (std::same_as<Slot, matrix_parameter>)
                matrices_.emplace(name, slot);
            else
                vectors_.emplace(name, slot);
        });
    }

    /// Null where the model has none.
    [[nodiscard]] const matrix_parameter* matrix(const parameter_name& name) const noexcept {
        const auto found = matrices_.find(name);
        return found == matrices_.end() ? nullptr : &found->second;
    }
    /// Empty where the model has none.
    [[nodiscard]] vector_parameter vector(const parameter_name& name) const noexcept {
        const auto found = vectors_.find(name);
        return found == vectors_.end() ? vector_parameter() : found->second;
    }

  private:
    std::map<parameter_name, matrix_parameter> matrices_;
    std::map<parameter_name, vector_parameter> vectors_;
};

}  // namespace unloop::inline v0

#endif
