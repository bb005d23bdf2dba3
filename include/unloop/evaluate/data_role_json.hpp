// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What a suite may be used for, read from JSON.
#ifndef UNLOOP_EVALUATE_DATA_ROLE_JSON_HPP
#define UNLOOP_EVALUATE_DATA_ROLE_JSON_HPP

#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/io/field_json.hpp>

namespace unloop::inline v0::detail {

[[nodiscard]] inline data_role read_role(const json_field& field) {
    return read_name(field, {data_role::fit, data_role::select, data_role::report});
}

}  // namespace unloop::inline v0::detail

#endif
