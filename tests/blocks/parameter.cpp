// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Every role of a parameter has a name of its own.
#include <unloop/blocks/parameter.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>  // names differ

using namespace unloop;

namespace {

struct takes_both {
    void operator()(layer_parameter, parameter_shape, matrix_parameter&) {}
    void operator()(layer_parameter, parameter_shape, vector_parameter&) {}
};
struct takes_matrices {
    void operator()(layer_parameter, parameter_shape, matrix_parameter&) {}
};
static_assert(parameter_visitor<takes_both>);
static_assert(!parameter_visitor<takes_matrices>);

}  // namespace

TEST_CASE("roles have names of their own") {
    std::set<std::string_view> names;
    for (int role = 0; role <= static_cast<int>(parameter_role::head); ++role)
        names.insert(name_of(static_cast<parameter_role>(role)));
    CHECK(names.size() == parameter_roles);
    CHECK(names.count("") == 0);
    CHECK(name_of(parameter_role::embedding) == "embedding");
    CHECK(name_of(parameter_role::up) == "up");
    CHECK(name_of(parameter_role::down) == "down");
    CHECK(name_of(parameter_role::head) == "head");
}
