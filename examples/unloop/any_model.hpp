// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The one type of model that the tool runs: any family, from any container, on the dispatched backend.
#ifndef UNLOOP_EXAMPLES_ANY_MODEL_HPP
#define UNLOOP_EXAMPLES_ANY_MODEL_HPP

#include <unloop/backend/dispatched.hpp>
#include <unloop/io/load.hpp>
#include <unloop/io/open.hpp>

#include <string>  // paths

namespace tool {

using any_model = unloop::language_model<unloop::any_decoder<unloop::dispatched>, unloop::any_checkpoint>;

/// Throws `unloop::error`.
[[nodiscard]] any_model load_model(const std::string& path, unloop::arithmetic kind = unloop::arithmetic::exact);

}  // namespace tool

#endif
