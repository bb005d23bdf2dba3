// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A broken precondition names itself and ends the program. The program that dies is this one, started again with a
// hidden test case.
#include <unloop/core/expects.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdio>      // popen
#include <filesystem>  // own path
#include <string>      // what was said

namespace {

constexpr int twice(int value) {
    unloop::expects(value > 0, "twice: value is positive");
    return 2 * value;
}
static_assert(twice(3) == 6);  // usable in constant expressions while it holds

struct ended_program {
    std::string said;
    int status = 0;
};

ended_program run_hidden_case(const std::string& own_path, const std::string& name) {
    ended_program result;
    std::FILE* const pipe = popen(("'" + own_path + "' '" + name + "' 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    for (int byte; (byte = std::fgetc(pipe)) != EOF;) result.said += static_cast<char>(byte);
    result.status = pclose(pipe);
    return result;
}

}  // namespace

TEST_CASE("breaks a precondition", "[.]") {
    twice(-1);
    std::puts("the program went on");
}

TEST_CASE("keeps a precondition", "[.]") {
    twice(1);
    std::puts("the program went on");
}

TEST_CASE("a broken precondition names itself and its place, and aborts") {
    std::error_code unknown;
    const std::string own_path = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
    if (unknown) SKIP("this system does not tell a program its own path");
    const ended_program broken = run_hidden_case(own_path, "breaks a precondition");
    CHECK(broken.status != 0);
    CHECK(broken.said.find("unloop: precondition broken in ") != std::string::npos);
    CHECK(broken.said.find("expects.cpp:") != std::string::npos);
    CHECK(broken.said.find("twice: value is positive") != std::string::npos);
    CHECK(broken.said.find("the program went on") == std::string::npos);

    const ended_program kept = run_hidden_case(own_path, "keeps a precondition");
    CHECK(kept.status == 0);
    CHECK(kept.said.find("the program went on") != std::string::npos);
    CHECK(kept.said.find("precondition broken") == std::string::npos);
}
