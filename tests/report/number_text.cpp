// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Sizes, durations and fixed numbers as text.
#include <unloop/report/number_text.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace unloop;

TEST_CASE("bytes have three digits and a unit", "[numbers]") {
    CHECK(bytes_text(0) == "0 bytes");
    CHECK(bytes_text(999) == "999 bytes");
    CHECK(bytes_text(1000) == "1.00 kB");
    CHECK(bytes_text(98'312'448) == "98.3 MB");
    CHECK(bytes_text(999'499'999) == "999 MB");
    CHECK(bytes_text(999'500'000) == "1.00 GB");
    CHECK(bytes_text(18'446'744'073'709'551'615U) == "18.4 EB");
}

TEST_CASE("durations round once", "[numbers]") {
    CHECK(duration_text(0.04) == "0.0s");
    CHECK(duration_text(12.34) == "12.3s");
    CHECK(duration_text(59.94) == "59.9s");
    CHECK(duration_text(59.96) == "1m 00s");
    CHECK(duration_text(65) == "1m 05s");
    CHECK(duration_text(3599.6) == "1h 00m");
    CHECK(duration_text(7384) == "2h 03m");
    CHECK(fixed_text(1e308, 1).size() == 311);
}
