// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Golden tensors made by other software, as plain vectors.
#ifndef UNLOOP_TESTS_SUPPORT_GOLDEN_HPP
#define UNLOOP_TESTS_SUPPORT_GOLDEN_HPP

#include <unloop/io/safetensors_json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace golden {

/// Tokens of each row of the golden models.
inline constexpr std::size_t length = 36;

inline std::string path(const std::string& name) { return std::string(UNLOOP_TEST_DATA) + "/" + name; }

/// The real model's file, or nothing when it cannot be had: such tests are skipped.
inline std::optional<std::string> real_model() {
    const char* const model = std::getenv("UNLOOP_MODEL");
    return model == nullptr || *model == '\0' ? std::nullopt : std::optional<std::string>(model);
}

class tensors {
  public:
    explicit tensors(const std::string& name) : file_(unloop::safetensors::open(path(name))) {}

    [[nodiscard]] bool has(const std::string& name) const { return file_.find(name) != nullptr; }
    [[nodiscard]] const std::vector<std::uint64_t>& shape(const std::string& name) const {
        return file_.at(name).shape;
    }
    [[nodiscard]] auto all() const { return file_.tensors(); }
    [[nodiscard]] std::vector<float> floats(const std::string& name) const { return values<float>(name); }
    [[nodiscard]] std::vector<std::int32_t> integers(const std::string& name) const {
        return values<std::int32_t>(name);
    }

  private:
    template <class T>
    [[nodiscard]] std::vector<T> values(const std::string& name) const {
        const auto bytes = file_.bytes(file_.at(name));
        std::vector<T> out(bytes.size() / sizeof(T));
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return out;
    }
    unloop::safetensors::checkpoint file_;
};

/// Largest absolute difference; infinite when the sizes differ or a value is not finite.
template <class Left, class Right>
double difference(const Left& left, const Right& right) {
    if (std::size(left) != std::size(right)) return INFINITY;
    double largest = 0;
    for (std::size_t i = 0; i < std::size(left); ++i) {
        const double apart = std::abs(static_cast<double>(left[i]) - static_cast<double>(right[i]));
        if (!std::isfinite(apart)) return INFINITY;
        largest = std::max(largest, apart);
    }
    return largest;
}

}  // namespace golden

#endif
