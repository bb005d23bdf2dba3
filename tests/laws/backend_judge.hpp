// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What laws of backends are told with: a kernel on a backend beside its plain loop, and a list of what is broken.
#ifndef UNLOOP_LAWS_BACKEND_JUDGE_HPP
#define UNLOOP_LAWS_BACKEND_JUDGE_HPP

#include <unloop/core/random.hpp>
#include <unloop/kernels.hpp>

#include <algorithm>  // find
#include <cmath>      // abs, isfinite
#include <cstddef>    // size_t
#include <cstdint>    // uint64_t
#include <cstring>    // memcmp
#include <optional>   // a tolerance of its own
#include <span>       // vectors
#include <string>     // names of broken laws
#include <vector>     // memory

namespace laws {

/// What a backend claims of its numbers.
struct backend_claims {
    /// Largest difference from the plain loop; of a sum relative to the sum of its terms' magnitudes, of other values
    /// relative to 1 + their magnitude.
    double tolerance = 1e-5;
    std::optional<double> product_tolerance{};  ///< of matvec and matmul, if another: those that round activations
    std::size_t longest = 2 * 16 + 1;           ///< lengths tried: all up to this; twice the widest vector and one more
};

namespace detail {

using floats = std::vector<float>;

/// Values in [-2, 2) with zeros among them.
inline floats some_values(std::size_t n, std::uint64_t seed) {
    unloop::random_sequence random(seed, n);
    floats values(n);
    for (float& value : values) value = random.below(8) == 0 ? 0.0F : static_cast<float>(4 * random.uniform() - 2);
    return values;
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

template <class Backend>
class backend_judge {
  public:
    /// Adds to `broken`.
    backend_judge(const Backend& backend, const backend_claims& claims, std::vector<std::string>& broken)
        : backend_(backend), claims_(claims), broken_(broken) {}

  protected:
    template <class Kernel, class Format = void>
    static constexpr bool claimed = unloop::replaces<Backend, Kernel, Format>;

    void expect(bool holds, const char* law) {
        if (!holds && std::find(broken_.begin(), broken_.end(), law) == broken_.end()) broken_.emplace_back(law);
    }
    /// NaN is close to NaN, infinity to itself.
    [[nodiscard]] static bool within(double bound, float actual, float expected) {
        if (actual == expected || (actual != actual && expected != expected)) return true;
        if (!std::isfinite(expected)) return false;  // everything is within a bound that grows with it
        return std::abs(static_cast<double>(actual) - static_cast<double>(expected)) <= bound;
    }
    [[nodiscard]] bool close(float actual, float expected, double magnitude) const {
        return within(claims_.tolerance * magnitude, actual, expected);
    }
    [[nodiscard]] bool close(std::span<const float> actual, std::span<const float> expected) const {
        for (std::size_t i = 0; i < actual.size(); ++i)
            if (!close(actual[i], expected[i], 1 + std::abs(static_cast<double>(expected[i])))) return false;
        return true;
    }
    /// The same bits, from a backend whose sums do not depend on where its vectors lie.
    void expect_same(std::span<const float> actual, std::span<const float> expected, const char* law) {
        expect(unloop::is_batch_invariant<Backend> ? same_bits(actual, expected) : close(actual, expected), law);
    }
    static double magnitude(std::span<const float> a, std::span<const float> b) {
        double sum = 0;
        for (std::size_t k = 0; k < a.size(); ++k)
            sum += std::abs(static_cast<double>(a[k]) * static_cast<double>(b[k]));
        return sum;
    }

    /// Runs a kernel that changes `x` in place on both backends.
    template <class Kernel, class... Arguments>
    void in_place(const char* law, std::span<const float> x, Kernel kernel, Arguments... arguments) {
        if constexpr (claimed<Kernel>) {
            floats actual(x.begin(), x.end()), expected = actual;
            kernel(backend_, arguments..., actual), kernel(unloop::reference{}, arguments..., expected);
            expect(close(actual, expected), law);
        }
    }
    /// Runs a kernel whose last argument is an output of its own, which may be the first input, on both backends.
    template <class Kernel, class... Arguments>
    void into_output(const char* law, std::span<const float> x, Kernel kernel, Arguments... arguments) {
        if constexpr (claimed<Kernel>) {
            floats actual(x.size() + 1, 77.0F), expected(x.size()), same(x.begin(), x.end());
            kernel(backend_, x, arguments..., std::span(actual).first(x.size()));
            kernel(unloop::reference{}, x, arguments..., expected);
            expect(actual.back() == 77.0F, "writes nowhere but into out");
            expect(close(std::span(actual).first(x.size()), expected), law);
            kernel(backend_, same, arguments..., same);
            expect_same(same, std::span(actual).first(x.size()), "out may be an input where the kernel says so");
        }
    }

    /// Runs a kernel whose output may be its second input.
    template <class Kernel>
    void into_second(const char* law, std::span<const float> x, Kernel kernel) {
        if constexpr (claimed<Kernel>) {
            floats same = some_values(x.size(), 2), expected(x.size());
            kernel(unloop::reference{}, x, same, expected), kernel(backend_, x, same, same);
            expect(close(same, expected), law);
        }
    }

    const Backend& backend_;
    const backend_claims& claims_;

  private:
    std::vector<std::string>& broken_;
};

}  // namespace detail

}  // namespace laws

#endif
