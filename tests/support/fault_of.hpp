// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The text of a refusal.
#ifndef UNLOOP_TESTS_SUPPORT_FAULT_OF_HPP
#define UNLOOP_TESTS_SUPPORT_FAULT_OF_HPP

#include <unloop/core/error.hpp>

#include <string>

namespace test {

/// Text of the error that `call` throws, or "none".
template <class Call>
std::string fault_of(const Call& call) {
    try {
        call();
    } catch (const unloop::error& fault) {
        return fault.what();
    }
    return "none";
}

}  // namespace test

#endif
