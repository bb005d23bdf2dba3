// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The keys and values at the start of a GGUF file, read as the type that the caller asks for or not at all.
#ifndef UNLOOP_IO_GGUF_METADATA_HPP
#define UNLOOP_IO_GGUF_METADATA_HPP

#include <unloop/core/error.hpp>
#include <unloop/io/name_index.hpp>

#include <concepts>     // same_as
#include <cstdint>      // uint64_t
#include <limits>       // exact integers of a float
#include <optional>     // conversions that may fail
#include <span>         // entries
#include <string>       // keys, texts
#include <string_view>  // look-up
#include <type_traits>  // conditional_t
#include <utility>      // in_range
#include <variant>      // a value
#include <vector>       // lists

namespace unloop::inline v0::gguf {

/// One value. Numbers of the file are widened: unsigned ones to uint64, signed ones to int64, floats to double.
struct metadata_value {
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string, std::vector<std::uint64_t>,
                 std::vector<std::int64_t>, std::vector<double>, std::vector<bool>, std::vector<std::string>,
                 std::vector<metadata_value>>
        held;
};

struct metadata_entry {
    std::string key;
    std::uint64_t offset = 0;  ///< of the key's length, from the start of the file
    metadata_value value;
};

namespace detail {

template <class T>
struct element {
    using type = T;
};
template <class T>
struct element<std::vector<T>> {
    using type = T;
};
template <class T>
using element_t = typename element<T>::type;  // of a list; otherwise T itself
template <class T>
inline constexpr bool is_list = !std::same_as<T, element_t<T>>;

template <class T>
concept number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// The same number as a `To`, or nothing when `To` cannot hold it exactly; a fraction never becomes an integer.
template <number To, number From>
[[nodiscard]] constexpr std::optional<To> exactly(From value) noexcept {
    if constexpr (std::is_integral_v<To> && std::is_integral_v<From>) {
        if (!std::in_range<To>(value)) return std::nullopt;
    } else if constexpr (std::is_integral_v<To>) {
        return std::nullopt;
    } else if constexpr (std::is_integral_v<From>) {
        constexpr std::int64_t last = std::int64_t{1} << std::numeric_limits<To>::digits;  // integers up to here fit
        if (std::cmp_greater(value, last) || std::cmp_less(value, -last)) return std::nullopt;
    } else if (static_cast<From>(static_cast<To>(value)) != value && value == value) {
        return std::nullopt;
    }
    return static_cast<To>(value);
}

template <class T>
[[nodiscard]] std::string kind_name() {
    if constexpr (is_list<T>)
        return "a list, each element " + kind_name<element_t<T>>();
    else if constexpr (std::same_as<T, std::string>)
        return "a string";
    else if constexpr (std::same_as<T, bool>)
        return "true or false";
    else if constexpr (std::same_as<T, metadata_value>)
        return "a list";
    else if constexpr (std::is_floating_point_v<T>)
        return "a floating-point number";
    else
        return "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
               std::to_string(std::numeric_limits<T>::max());
}

[[nodiscard]] inline std::string describe(const metadata_value& value) {
    return std::visit(
        [](const auto& held) {
            using held_type = std::remove_cvref_t<decltype(held)>;
            if constexpr (std::is_integral_v<held_type> && !std::same_as<held_type, bool>)
                return "the integer " + std::to_string(held);
            else
                return kind_name<held_type>();
        },
        value.held);
}

/// `held` as a number or a list of numbers, or nothing.
template <class T, class Held>
[[nodiscard]] std::optional<T> convert(const Held& held) {
    if constexpr (number<T> && number<Held>) {
        return exactly<T>(held);
    } else if constexpr (is_list<T> && is_list<Held> && number<element_t<Held>>) {
        T list;
        list.reserve(held.size());
        for (const auto value : held) {
            const auto converted = exactly<element_t<T>>(value);
            if (!converted) return std::nullopt;
            list.push_back(*converted);
        }
        return list;
    } else {
        return std::nullopt;
    }
}

/// Strings, booleans and lists of them are handed out where they lie; numbers are converted.
template <class T>
inline constexpr bool is_converted = number<element_t<T>>;

}  // namespace detail

/// All keys of one file, in its order.
class metadata {
  public:
    /// `file` is named in errors.
    explicit metadata(std::string file) : file_(std::move(file)) {}

    /// Throws `error` when the key is there already.
    void add(metadata_entry entry) {
        if (!index_.insert(entry.key, entries_.size()))
            throw error({file_, entry.key, entry.offset}, "the key appears twice");
        entries_.push_back(std::move(entry));
    }

    [[nodiscard]] std::span<const metadata_entry> entries() const noexcept { return entries_; }

    /// Null when the key is missing. O(1).
    [[nodiscard]] const metadata_entry* find(std::string_view key) const {
        const auto position = index_.find(key);
        return position ? &entries_[*position] : nullptr;
    }

    /// `T` is any integer or floating-point type, `bool`, `std::string` or a `std::vector` of one of these. A number
    /// comes back in any type that holds it exactly (integers may become floats, never the reverse). Returns a copy
    /// for numbers and lists of numbers, a reference into this object for the others. Throws `error` when the key is
    /// missing or holds something else.
    template <class T>
    [[nodiscard]] decltype(auto) get(std::string_view key) const {
        const metadata_entry* const entry = find(key);
        if (entry == nullptr) throw error({file_, std::string(key), {}}, "the file has no such key");
        return read<T>(*entry);
    }

    /// The same, but `fallback` when the key is missing. A key that holds something else is still an error.
    template <class T>
    [[nodiscard]] T get_or(std::string_view key, T fallback) const {
        const metadata_entry* const entry = find(key);
        return entry == nullptr ? std::move(fallback) : read<T>(*entry);
    }

  private:
    template <class T>
    [[nodiscard]] std::conditional_t<detail::is_converted<T>, T, const T&> read(const metadata_entry& entry) const {
        if constexpr (detail::is_converted<T>) {
            auto converted = std::visit([](const auto& held) { return detail::convert<T>(held); }, entry.value.held);
            if (converted) return *std::move(converted);
        } else {
            if (const T* const held = std::get_if<T>(&entry.value.held)) return *held;
        }
        throw error({file_, entry.key, entry.offset},
                    "holds " + detail::describe(entry.value) + ", needed is " + detail::kind_name<T>());
    }

    std::string file_;
    std::vector<metadata_entry> entries_;
    name_index index_;
};

}  // namespace unloop::inline v0::gguf

#endif
