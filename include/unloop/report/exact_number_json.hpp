// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Numbers that come back from a file with every bit, whatever a JSON parser makes of decimals: "0x1.8p-10".
#ifndef UNLOOP_REPORT_EXACT_NUMBER_JSON_HPP
#define UNLOOP_REPORT_EXACT_NUMBER_JSON_HPP

#include <unloop/io/checked_json.hpp>

#include <array>        // digits
#include <cstdio>       // snprintf
#include <cstdlib>      // strtod
#include <string_view>  // keys
#include <vector>       // numbers

namespace unloop::inline v0::detail {

[[nodiscard]] inline boost::json::string exact_number(double value) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%a", value);
    return text.data();
}
[[nodiscard]] inline boost::json::array exact_numbers(const std::vector<double>& values) {
    boost::json::array list;
    for (const double value : values) list.push_back(exact_number(value));
    return list;
}
[[nodiscard]] inline std::vector<double> read_exact_numbers(checked_object& from, std::string_view key) {
    std::vector<double> values;
    for (const boost::json::value& entry : from.list(key)) {
        if (!entry.is_string()) from.refuse(key, "must hold numbers as text");
        values.push_back(std::strtod(entry.get_string().c_str(), nullptr));
    }
    return values;
}

}  // namespace unloop::inline v0::detail

#endif
