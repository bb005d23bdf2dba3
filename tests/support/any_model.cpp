// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

#include "support/any_model.hpp"

#include "support/golden.hpp"

namespace test {

any_model load_model(const std::string& path) {
    return unloop::load<unloop::any_decoder>(unloop::open(path), unloop::dispatched{});
}

any_model golden_model(const std::string& name) { return load_model(golden::path(name)); }

}  // namespace test
