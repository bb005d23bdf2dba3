// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Loading a model: the one file of the tool that compiles the families.
#include "any_model.hpp"

namespace tool {

any_model load_model(const std::string& path, unloop::arithmetic kind) {
    return unloop::load<unloop::any_decoder>(unloop::open(path), unloop::dispatched(kind));
}

}  // namespace tool
