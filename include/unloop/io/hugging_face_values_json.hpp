// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Values of a config.json, where null means absent and every size has a bound.
#ifndef UNLOOP_IO_HUGGING_FACE_VALUES_JSON_HPP
#define UNLOOP_IO_HUGGING_FACE_VALUES_JSON_HPP

#include <unloop/io/checked_json.hpp>
#include <unloop/io/checkpoint.hpp>

#include <cmath>        // isfinite
#include <cstddef>      // size_t
#include <optional>     // absent sizes
#include <string>       // texts
#include <string_view>  // keys

namespace unloop::inline v0::hugging_face::detail {

[[nodiscard]] inline bool has(checked_object& from, std::string_view key) {
    const auto* const value = from.find(key);
    return value != nullptr && !value->is_null();
}

/// From 1 to `most`. Every function here throws `error` naming file and key.
[[nodiscard]] inline std::size_t read_size(checked_object& from, std::string_view key,
                                           std::size_t most = largest_size) {
    const auto value = as_unsigned(from.at(key));
    if (!value || *value < 1 || *value > most) from.refuse(key, "must be an integer from 1 to " + std::to_string(most));
    return static_cast<std::size_t>(*value);
}

[[nodiscard]] inline std::optional<std::size_t> find_size(checked_object& from, std::string_view key,
                                                          std::size_t most = largest_size) {
    return has(from, key) ? std::optional(read_size(from, key, most)) : std::nullopt;
}

/// From 0 on; `fallback` where it is absent.
[[nodiscard]] inline std::size_t read_count(checked_object& from, std::string_view key, std::size_t fallback) {
    return has(from, key) ? from.count<std::size_t>(key, largest_size) : fallback;
}

[[nodiscard]] inline double read_positive(checked_object& from, std::string_view key, double fallback) {
    if (!has(from, key)) return fallback;
    const double value = from.number(key);
    if (!(value > 0) || !std::isfinite(static_cast<float>(value)) || static_cast<float>(value) == 0)
        from.refuse(key, "must be a positive number");
    return value;
}

[[nodiscard]] inline bool read_flag(checked_object& from, std::string_view key, bool fallback) {
    return has(from, key) ? from.truth(key) : fallback;
}

[[nodiscard]] inline std::string read_word(checked_object& from, std::string_view key, std::string_view fallback) {
    return has(from, key) ? from.text(key) : std::string(fallback);
}

/// Refuses any other value; absent is fine.
inline void expect_flag(checked_object& from, std::string_view key, bool wanted) {
    if (read_flag(from, key, wanted) != wanted)
        from.refuse(key, wanted ? "only true is supported" : "only false is supported");
}
inline void expect_value(checked_object& from, std::string_view key, std::string_view wanted) {
    if (has(from, key)) from.expect_text(key, wanted);
}

/// Rotary angles of one kind of layer.
struct rotary_values {
    double base = 10000;
    double factor = 1;
    double live_share = 1;  ///< of the channel pairs
};

/// "rope_parameters" (or, older, "rope_scaling") of one kind of layer.
[[nodiscard]] inline rotary_values read_rotary(checked_object from, const rotary_values& fallback) {
    rotary_values read{read_positive(from, "rope_theta", fallback.base)};
    const std::string_view kind_key = has(from, "rope_type") || !has(from, "type") ? "rope_type" : "type";
    const std::string kind = read_word(from, kind_key, "default");
    if (kind != "default" && kind != "proportional")
        from.refuse(kind_key, "is '" + kind + "', only 'default' and 'proportional' are supported");
    const double share = read_positive(from, "partial_rotary_factor", 1);
    if (kind == "default" && share != 1)
        from.refuse("partial_rotary_factor", "is supported with the rope_type 'proportional' alone");
    if (share > 1) from.refuse("partial_rotary_factor", "must be at most 1");
    read.live_share = share;
    if (kind == "proportional") read.factor = read_positive(from, "factor", 1);
    return read;
}

}  // namespace unloop::inline v0::hugging_face::detail

#endif
