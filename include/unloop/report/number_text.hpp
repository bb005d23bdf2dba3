// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Numbers as a person reads them.
#ifndef UNLOOP_REPORT_NUMBER_TEXT_HPP
#define UNLOOP_REPORT_NUMBER_TEXT_HPP

#include <unloop/core/expects.hpp>

#include <array>        // units
#include <cstdint>      // uint64_t
#include <cstdio>       // snprintf
#include <string>       // text
#include <string_view>  // units

namespace unloop::inline v0 {

/// `value` with `digits` digits after the point, 0 to 17.
[[nodiscard]] inline std::string fixed_text(double value, int digits) {
    expects(digits >= 0 && digits <= 17, "fixed_text: a double has 17 digits that mean something");
    std::array<char, 400> buffer{};  // the largest double has 309 digits before the point
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

/// "98.3 MB": powers of 1000, three digits or four.
[[nodiscard]] inline std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 7> units{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) return std::to_string(bytes) + " bytes";
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < units.size(); ++unit) value /= 1000;
    return fixed_text(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + " " + std::string(units[unit]);
}

/// "12.3s", "1m 05s", "2h 03m".
[[nodiscard]] inline std::string duration_text(double seconds) {
    if (seconds < 59.95) return fixed_text(seconds, 1) + "s";
    const auto whole = static_cast<std::uint64_t>(seconds + 0.5);
    const auto two = [](std::uint64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    if (whole < 3600) return std::to_string(whole / 60) + "m " + two(whole % 60) + "s";
    return std::to_string(whole / 3600) + "h " + two(whole / 60 % 60) + "m";
}

}  // namespace unloop::inline v0

#endif
