// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The two acts of the demo: a fault that is known, and the model as it is.
#ifndef UNLOOP_EXAMPLES_ACTS_HPP
#define UNLOOP_EXAMPLES_ACTS_HPP

#include <boost/json/object.hpp>  // documents
#include <cstddef>                // size_t
#include <cstdint>                // uint64_t
#include <cstdio>                 // FILE
#include <string>                 // paths
#include <string_view>            // what is told
#include <unloop/core/target_kinds.hpp>
#include <unloop/io/file_descriptor.hpp>
#include <unloop/search/planting.hpp>

#include "commands.hpp"
#include "console.hpp"

namespace tool {

struct demo_options {
    std::string model, folder = "build/demo";
    std::uint64_t seed = 1;
    unloop::any_target_kind kind = unloop::target_kind<unloop::neuron_id>{};  ///< of what act 1 plants
    std::size_t heads = 3;  ///< of each method that localisation looks at: they lie deep, where exact effects cost most
    unloop::target_kinds kinds = unloop::target_kinds::all();  ///< that may be edited
    unloop::fault_kind fault = unloop::fault_kind::amplified;
    std::size_t culprits = 1, decoys = 0;
    std::size_t most_draws = unloop::planting_options{}.most_draws;
    std::string journal;  ///< file in which act 1 remembers what every drawn fault did; empty: none
    std::size_t threads = 1;
    std::size_t max_tokens = 160, easy_tokens = 96;
    std::size_t fit_probes = 16, select_probes = 12, report_probes = 24;
    std::size_t most_plans = 24;
    std::FILE* told = stdout;  ///< where a person reads

    void tell(std::string_view text) const { print(text, told); }
    /// Where an edited copy goes: a file or a folder, as the model is.
    [[nodiscard]] std::string copy(const std::string& name) const {
        return folder + "/" + name + (unloop::is_folder(model) ? "" : ".gguf");
    }
};

/// Breaks a copy of the model by sealed targets, lets `unloop search` in a process of its own find and mend it, opens
/// the seal, and judges. Prints as it goes; returns everything that was told.
[[nodiscard]] boost::json::object act_one(const demo_options& options, const context& shared);

/// The model's own list collapse: search, edit, and the result on prompts that nothing was chosen on.
[[nodiscard]] boost::json::object act_two(const demo_options& options, const context& shared);

}  // namespace tool

#endif
