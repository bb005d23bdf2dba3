// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of backends as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_BACKEND_HPP
#define UNLOOP_LAWS_BACKEND_HPP

#include <unloop/core/random.hpp>
#include <unloop/kernels.hpp>

#include <laws/random_weights.hpp>

#include <algorithm>  // copy_n, find, max
#include <cmath>      // abs, isfinite
#include <cstddef>    // size_t
#include <cstring>    // memcmp
#include <limits>     // infinity
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
    backend_judge(const Backend& backend, const backend_claims& claims) : backend_(backend), claims_(claims) {}

    std::vector<std::string> broken() {
        for (std::size_t n = 0; n <= claims_.longest; ++n)
            for (std::size_t offset = 0; offset < 4; ++offset) vectors(some_values(n + offset, 1), offset);
        masks();
        spoiled();
        unloop::for_each_format([&](auto format) { weights<decltype(format)>(); });
        if (unloop::is_batch_invariant<Backend>) tiles();
        return broken_;
    }

  private:
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

    void vectors(const floats& memory, std::size_t offset) {
        using namespace unloop::kernels;
        const std::span<const float> x = std::span(memory).subspan(offset);
        const floats other = some_values(x.size(), 2);
        if constexpr (claimed<dot_t>)
            expect(close(dot(backend_, x, other), dot(unloop::reference{}, x, other), magnitude(x, other)),
                   "dot agrees with the plain loop");
        if constexpr (claimed<dot_t>)
            expect(close(dot(backend_, x, x), dot(unloop::reference{}, x, x), magnitude(x, x)),
                   "both vectors of dot may be the same");
        if (x.empty()) return in_place("softmax agrees with the plain loop", x, softmax);
        into_output("rms_norm agrees with the plain loop", x, rms_norm, std::span<const float>(other), 1e-5F);
        into_output("rms_norm without weights agrees with the plain loop", x, rms_norm, std::span<const float>(),
                    1e-5F);
        into_output("gated_product<silu> agrees with the plain loop", x, gated_product<silu_t>,
                    std::span<const float>(other));
        into_output("gated_product<gelu_tanh> agrees with the plain loop", x, gated_product<gelu_tanh_t>,
                    std::span<const float>(other));
        in_place("softmax agrees with the plain loop", x, softmax);
        in_place("exp_sum agrees with the plain loop", x, exp_sum, 2.0F);
        in_place("silu agrees with the plain loop", x, silu);
        in_place("gelu_tanh agrees with the plain loop", x, gelu_tanh);
        in_place("scale agrees with the plain loop", x, scale, 0.3F);
        in_place("soft_cap agrees with the plain loop", x, soft_cap, 1.5F);
        in_place("add agrees with the plain loop", x, add, std::span<const float>(other));
        into_second("gated_product may write over up", x, gated_product<silu_t>);
        into_second("gated_product may write over up", x, gated_product<gelu_tanh_t>);
        choices_and_sums(x, other);
    }

    void choices_and_sums(std::span<const float> x, const floats& other) {
        using namespace unloop::kernels;
        const unloop::reference plain;
        if constexpr (claimed<exp_sum_t>) {
            floats a(x.begin(), x.end()), b = a;
            const float expected = exp_sum(plain, 2.0F, b);
            expect(close(exp_sum(backend_, 2.0F, a), expected, static_cast<double>(expected)),
                   "exp_sum returns the sum of the plain loop");
        }
        if constexpr (claimed<log_sum_exp_t>) {
            const float expected = log_sum_exp(plain, x);
            expect(close(log_sum_exp(backend_, x), expected, 1 + std::abs(static_cast<double>(expected))),
                   "log_sum_exp agrees with the plain loop");
        }
        if constexpr (claimed<argmax_t>)
            expect(argmax(backend_, x) == argmax(plain, x), "argmax is that of the plain loop, ties included");
        if constexpr (claimed<top_k_t>) {
            std::vector<std::int32_t> a((x.size() + 1) / 2), b = a;
            top_k(backend_, x, a), top_k(plain, x, b);
            expect(a == b, "top_k is that of the plain loop, ties included");
        }
        if constexpr (claimed<rotary_t>)
            for (const auto layout : {unloop::rotary_layout::halves, unloop::rotary_layout::interleaved}) {
                floats a = some_values(2 * x.size(), 3), b = a;
                rotary(backend_, layout, x, other, a), rotary(plain, layout, x, other, b);
                expect(close(a, b), "rotary agrees with the plain loop");
            }
        if constexpr (claimed<weighted_sum_t>) weighted(x);
        if constexpr (claimed<add_outer_t>) outer(x);
        gradients(x, other);
    }

    void gradients(std::span<const float> x, const floats& other) {
        using namespace unloop::kernels;
        if constexpr (claimed<rms_norm_vjp_t>) {
            floats a(x.size()), b(x.size());
            rms_norm_vjp(backend_, x, std::span<const float>(), 0.1F, other, a);
            rms_norm_vjp(unloop::reference{}, x, std::span<const float>(), 0.1F, other, b);
            expect(close(a, b), "rms_norm_vjp agrees with the plain loop");
        }
        in_place("softmax_vjp agrees with the plain loop", x, softmax_vjp, std::span<const float>(other));
        in_place("soft_cap_vjp agrees with the plain loop", x, soft_cap_vjp, 3.0F, std::span<const float>(other));
    }

    void outer(std::span<const float> x) {
        const std::size_t rows = 5, stride = x.size() + 1;
        const floats factors = some_values(rows, 11);
        floats a = some_values(rows * stride, 10), b = a;
        unloop::kernels::add_outer(backend_, factors, x, unloop::matrix_view(a.data(), {rows, x.size()}, {stride, 1}));
        unloop::kernels::add_outer(unloop::reference{}, factors, x,
                                   unloop::matrix_view(b.data(), {rows, x.size()}, {stride, 1}));
        expect(close(a, b), "add_outer agrees with the plain loop");
        for (std::size_t r = 0; r < rows; ++r)
            expect(same_bits(std::span(a).subspan(r * stride + x.size(), 1),
                             std::span(b).subspan(r * stride + x.size(), 1)),
                   "writes nowhere but into out");
    }

    void weighted(std::span<const float> x) {
        const std::size_t rows = 5, stride = x.size() + 1;
        const floats memory = some_values(rows * stride, 4), factors = some_values(rows, 5);
        const unloop::const_matrix_view matrix(memory.data(), {rows, x.size()}, {stride, 1});
        floats a(x.begin(), x.end()), b = a;
        unloop::kernels::weighted_sum(backend_, factors, matrix, a);
        unloop::kernels::weighted_sum(unloop::reference{}, factors, matrix, b);
        for (std::size_t j = 0; j < x.size(); ++j)
            expect(close(a[j], b[j], 2.0 + 4.0 * rows), "weighted_sum agrees with the plain loop, and adds to out");
    }

    /// Entries of minus infinity, and large scores; what is spoiled may stand anywhere.
    void masks() {
        for (const std::size_t n : {std::size_t{2}, std::size_t{17}, claims_.longest + 1})
            for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) masks(n, at);
    }
    void masks(std::size_t n, std::size_t at) {
        floats masked(n, -infinity), large(n, 300.0F), spoiled(n, 1.0F), endless(n, 1.0F);
        masked[at] = 3.0F, spoiled[at] = std::numeric_limits<float>::quiet_NaN(), endless[at] = infinity;
        const char* const law = "masked, large and spoiled scores are treated as the plain loop does";
        for (const floats& scores : {masked, large, spoiled, endless, floats(n, -infinity)})
            in_place(law, scores, unloop::kernels::softmax);
        if constexpr (claimed<unloop::kernels::softmax_t>) {
            unloop::kernels::softmax(backend_, masked);
            for (std::size_t i = 0; i < n; ++i)
                expect(masked[i] == (i == at ? 1.0F : 0.0F), "masked entries of softmax become 0");
            masked.assign(n, -infinity), masked[at] = 3.0F;
        }
        in_place(law, masked, unloop::kernels::exp_sum, 3.0F);
        if constexpr (claimed<unloop::kernels::log_sum_exp_t>)
            for (const floats& scores : {masked, large, spoiled, endless})
                expect(close(unloop::kernels::log_sum_exp(backend_, scores),
                             unloop::kernels::log_sum_exp(unloop::reference{}, scores), 300.0),
                       law);
        if constexpr (claimed<unloop::kernels::argmax_t>)
            expect(unloop::kernels::argmax(backend_, spoiled) == unloop::kernels::argmax_t::plain(spoiled), law);
        if constexpr (claimed<unloop::kernels::dot_t>)
            for (const floats& values : {spoiled, endless})
                expect(close(unloop::kernels::dot(backend_, values, large),
                             unloop::kernels::dot(unloop::reference{}, values, large), 1.0),
                       "NaN and infinity go through dot as through the plain loop");
    }

    // NaN and infinity, which may stand anywhere.

    static constexpr float infinity = std::numeric_limits<float>::infinity();
    static constexpr float strange_values[] = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity};

    static floats values_with(std::size_t n, std::uint64_t seed, std::size_t at, float value) {
        floats values = some_values(n, seed);
        values[at] = value;
        return values;
    }

    void spoiled() {
        for (const std::size_t n : {std::size_t{1}, std::size_t{17}, claims_.longest + 1})
            for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
                spoiled_norm("a norm whose mean square overflows is that of the plain loop",
                             values_with(n, 15, at, 1e22F));
                for (const float value : strange_values) {
                    spoiled_vectors(values_with(n, 15, at, value), value);
                    spoiled_sum(n, 2 * n + at, value), spoiled_sum(n, 5 * n + 3, value);
                    spoiled_activation<unloop::kernels::silu_t>(values_with(n, 15, at, value));
                    spoiled_activation<unloop::kernels::gelu_tanh_t>(values_with(n, 15, at, value));
                }
            }
    }
    void spoiled_norm(const char* law, const floats& x) {
        if constexpr (claimed<unloop::kernels::rms_norm_t>) {
            floats actual(x.size()), expected = actual;
            const floats weight = some_values(x.size(), 16);
            unloop::kernels::rms_norm(backend_, x, weight, 1e-5F, actual);
            unloop::kernels::rms_norm(unloop::reference{}, x, weight, 1e-5F, expected);
            expect(close(actual, expected), law);
        }
    }
    void spoiled_vectors(const floats& x, float value) {
        using namespace unloop::kernels;
        const char* const law = "NaN and infinity go through vectors as through the plain loop";
        const floats other = some_values(x.size(), 16);
        spoiled_norm(law, x);
        in_place(law, x, soft_cap, 1.5F);
        in_place(law, x, scale, 0.3F);
        in_place(law, x, add, std::span<const float>(other));
        if (value > 0) return;
        in_place(law, x, exp_sum, 2.0F);  // whose shift is at least the largest
        if constexpr (claimed<exp_sum_t>) {
            floats a = x, b = x;
            expect(close(exp_sum(backend_, 2.0F, a), exp_sum(unloop::reference{}, 2.0F, b), 1.0), law);
        }
    }
    /// `value` stands at `at` in the memory of a matrix of 5 rows with their factors behind it.
    void spoiled_sum(std::size_t n, std::size_t at, float value) {
        if constexpr (claimed<unloop::kernels::weighted_sum_t>) {
            const std::size_t rows = 5;
            const floats memory = values_with(rows * n + rows, 17, at, value);
            const unloop::const_matrix_view matrix(memory.data(), rows, n);
            const auto factors = std::span(memory).subspan(rows * n);
            floats a = some_values(n, 18), b = a;
            unloop::kernels::weighted_sum(backend_, factors, matrix, a);
            unloop::kernels::weighted_sum(unloop::reference{}, factors, matrix, b);
            for (std::size_t j = 0; j < n; ++j)
                expect(close(a[j], b[j], 2.0 + 4.0 * rows),
                       "NaN and infinity go through weighted_sum as through the plain loop");
        }
    }
    /// Alone, as a gate, and as what is gated.
    template <class Activation>
    void spoiled_activation(const floats& x) {
        using unloop::kernels::gated_product;
        const floats other = some_values(x.size(), 16);
        floats actual(x.size()), expected = actual;
        if constexpr (claimed<unloop::kernels::gated_product_t<Activation>>) {
            gated_product<Activation>(backend_, x, other, actual);
            gated_product<Activation>(unloop::reference{}, x, other, expected);
            activated(x, actual, expected);
            gated_product<Activation>(backend_, other, x, actual);
            gated_product<Activation>(unloop::reference{}, other, x, expected);
            activated(other, actual, expected);
        }
        if constexpr (claimed<Activation>) {
            actual = x, expected = x;
            Activation{}(backend_, actual), Activation{}(unloop::reference{}, expected);
            activated(x, actual, expected);
        }
    }
    /// Minus infinity times an activation's 0 need only not be finite.
    void activated(const floats& x, floats& actual, const floats& expected) {
        const char* const law = "activations of NaN and infinity are the plain loop's, of minus infinity not finite";
        for (std::size_t i = 0; i < x.size(); ++i)
            if (x[i] == -infinity) {
                expect(!std::isfinite(actual[i]), law);
                actual[i] = expected[i];
            }
        expect(close(actual, expected), law);
    }

    template <class Format>
    void spoiled_products() {
        const std::size_t rows = 13;
        for (const std::size_t columns : {Format::block_values == 1 ? std::size_t{37} : 96, std::size_t{1184}}) {
            const auto bytes = some_weights<Format>(rows * columns, 20);
            const unloop::weight_view weights{Format::tag, rows, columns, unloop::bytes_of(Format::tag, columns),
                                              bytes.data()};
            for (const std::size_t at : {std::size_t{0}, columns / 2, columns - 1})
                for (const float value : strange_values) {
                    const floats x = values_with(columns, 21, at, value);
                    floats actual(rows), expected(rows);
                    unloop::kernels::matvec(backend_, weights, x, actual);
                    unloop::kernels::matvec(unloop::reference{}, weights, x, expected);
                    for (std::size_t r = 0; r < rows; ++r)
                        expect(spoiled_alike(actual[r], expected[r]), spoiled_row_law);
                    for (const std::size_t batch : {1U, 7U})
                        spoiled_product(unloop::kernels::matmul, weights, {batch, columns, rows}, at, value);
                }
        }
    }
    template <class Format>
    void spoiled_transposed_products() {
        const std::size_t rows = 70, columns = Format::block_values == 1 ? 37 : 96;
        const auto bytes = some_weights<Format>(rows * columns, 20);
        const unloop::weight_view weights{Format::tag, rows, columns, unloop::bytes_of(Format::tag, columns),
                                          bytes.data()};
        for (const std::size_t at : {std::size_t{0}, rows - 1})
            for (const float value : strange_values)
                for (const std::size_t batch : {1U, 7U})
                    spoiled_product(unloop::kernels::matmul_transposed, weights, {batch, rows, columns}, at, value);
    }

    struct product_shape {
        std::size_t batch, in, out;
    };
    static constexpr const char* spoiled_row_law = "NaN and infinity go through products as through the plain loop";

    /// One row of the input has `value` at `at`; a product that adds to out begins with ordinary values there.
    template <class Kernel>
    void spoiled_product(Kernel kernel, const unloop::weight_view& weights, product_shape shape, std::size_t at,
                         float value) {
        const std::size_t spoiled_row = shape.batch / 2;
        floats memory = some_values(shape.batch * shape.in, 22), before = some_values(shape.batch * shape.out, 23);
        floats after = before, expected = before;
        const unloop::const_matrix_view x(memory.data(), shape.batch, shape.in);
        const auto rows_of = [&](floats& of) { return unloop::matrix_view(of.data(), shape.batch, shape.out); };
        kernel(backend_, weights, x, rows_of(before));
        memory[spoiled_row * shape.in + at] = value;
        kernel(backend_, weights, x, rows_of(after)), kernel(unloop::reference{}, weights, x, rows_of(expected));
        for (std::size_t b = 0; b < shape.batch; ++b)
            if (b == spoiled_row)
                for (std::size_t i = 0; i < shape.out; ++i)
                    expect(spoiled_alike(rows_of(after)[b][i], rows_of(expected)[b][i]), spoiled_row_law);
            else
                expect_same(rows_of(after)[b], rows_of(before)[b], "NaN and infinity show in no other row of a batch");
    }
    /// What comes of a value that is not finite is not finite either, and the plain loop's in kind and sign, except
    /// that a backend which rounds activations may say NaN.
    [[nodiscard]] bool spoiled_alike(float actual, float expected) const {
        const bool rounds = claims_.product_tolerance.value_or(claims_.tolerance) > claims_.tolerance;
        return within(0, actual, expected) || (rounds && actual != actual && !std::isfinite(expected));
    }

    template <class Format>
    void weights() {
        const std::size_t unit = Format::block_values, plain_columns = unit == 1 ? claims_.longest : 0;
        if constexpr (claimed<unloop::kernels::matmul_transposed_t, Format>) {
            for (const std::size_t columns : {unit, std::size_t{96}, std::size_t{512}})
                for (const std::size_t rows : {0U, 1U, 5U, 70U, 130U})
                    for (const std::size_t batch : {1U, 5U, 6U, 13U}) transposed_products<Format>(rows, columns, batch);
            for (std::size_t columns = 0; columns <= plain_columns; ++columns)
                for (const std::size_t rows : {1U, 5U})
                    for (const std::size_t batch : {1U, 5U})
                        transposed_products<Format>(rows, columns, batch, columns % 2);
            spoiled_transposed_products<Format>();
        }
        if (!claimed<unloop::kernels::matvec_t, Format> && !claimed<unloop::kernels::matmul_t, Format>) return;
        for (const std::size_t columns : {std::size_t{0}, unit, 3 * unit, std::size_t{96}, std::size_t{512}})
            for (const std::size_t rows : {0U, 1U, 2U, 5U, 13U})
                for (const std::size_t batch : {1U, 2U, 3U, 7U, 16U}) products<Format>(rows, columns, batch);
        for (std::size_t columns = 0; columns <= plain_columns; ++columns)
            for (const std::size_t rows : {1U, 4U, 5U})
                for (const std::size_t batch : {1U, 5U})
                    for (const std::size_t offset : {0U, 1U}) products<Format>(rows, columns, batch, offset);
        spoiled_products<Format>();
    }

    /// One product, by matmul, by matvec, by slices of rows, against the plain loop; x begins `offset` floats into its
    /// memory.
    template <class Format>
    void products(std::size_t rows, std::size_t columns, std::size_t batch, std::size_t offset = 0) {
        const std::size_t odd = rows % 2;  // rows need no alignment
        const auto bytes = some_weights<Format>(rows * columns, 6);
        std::vector<std::byte> moved(bytes.size() + odd);
        std::copy(bytes.begin(), bytes.end(), moved.begin() + static_cast<std::ptrdiff_t>(odd));
        const unloop::weight_view weights{Format::tag, rows, columns, unloop::bytes_of(Format::tag, columns),
                                          moved.data() + odd};
        const floats memory = some_values(offset + batch * (columns + 1), 7);
        const unloop::const_matrix_view x(memory.data() + offset, {batch, columns}, {columns + 1, 1});
        floats all(batch * (rows + 1), 77.0F), expected(rows), single(rows), row(columns);
        const unloop::matrix_view out(all.data(), {batch, rows}, {rows + 1, 1});
        const std::size_t cut = rows / 2;
        unloop::kernels::matmul(backend_, weights.slice(0, cut), x, out.columns(0, cut));
        unloop::kernels::matmul(backend_, weights.slice(cut, rows - cut), x, out.columns(cut, rows - cut));
        for (std::size_t b = 0; b < batch; ++b) {
            unloop::kernels::matvec(backend_, weights, x[b], single);
            unloop::kernels::matvec(unloop::reference{}, weights, x[b], expected);
            for (std::size_t r = 0; r < rows; ++r) {
                unloop::decode_row(weights, r, row);
                const double bound = claims_.product_tolerance.value_or(claims_.tolerance) * magnitude(row, x[b]);
                expect(within(bound, single[r], expected[r]), "matvec agrees with the plain loop");
                expect(within(bound, out[b][r], expected[r]), "matmul agrees with the plain loop");
            }
            expect(all[b * (rows + 1) + rows] == 77.0F, "writes nowhere but into out");
            if (unloop::is_batch_invariant<Backend>)
                expect(same_bits(out[b], single), "batch-invariant: a row of matmul has the bits of matvec");
        }
    }

    /// One transposed product, whole and by slices of columns, row by row of the batch, against the plain loop; the
    /// gradient begins `offset` floats into its memory.
    template <class Format>
    void transposed_products(std::size_t rows, std::size_t columns, std::size_t batch, std::size_t offset = 0) {
        const auto bytes = some_weights<Format>(rows * columns, 12);
        const unloop::weight_view weights{Format::tag, rows, columns, unloop::bytes_of(Format::tag, columns),
                                          bytes.data()};
        const floats memory = some_values(offset + batch * (rows + 1), 13);
        const unloop::const_matrix_view gradient(memory.data() + offset, {batch, rows}, {rows + 1, 1});
        floats all = some_values(batch * (columns + 1), 14), expected = all, single(columns);
        const floats before = all;
        const auto shaped = [&](floats& of) {
            return unloop::matrix_view(of.data(), {batch, columns}, {columns + 1, 1});
        };
        const std::size_t cut = columns / Format::block_values / 2 * Format::block_values;
        unloop::kernels::matmul_transposed(unloop::reference{}, weights, gradient, shaped(expected));
        unloop::kernels::matmul_transposed(backend_, weights.column_slice(0, cut), gradient,
                                           shaped(all).columns(0, cut));
        unloop::kernels::matmul_transposed(backend_, weights.column_slice(cut, columns - cut), gradient,
                                           shaped(all).columns(cut, columns - cut));
        for (std::size_t b = 0; b < batch; ++b) {
            for (std::size_t k = 0; k < columns; ++k)
                expect(close(shaped(all)[b][k], shaped(expected)[b][k], 4.0 + 4.0 * static_cast<double>(rows)),
                       "matmul_transposed agrees with the plain loop, and adds to out");
            expect(all[b * (columns + 1) + columns] == before[b * (columns + 1) + columns],
                   "writes nowhere but into out");
            std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(b * (columns + 1)), columns, single.begin());
            unloop::kernels::matmul_transposed(backend_, weights, gradient.rows(b, 1),
                                               unloop::matrix_view(single.data(), 1, columns));
            if (unloop::is_batch_invariant<Backend>)
                expect(same_bits(shaped(all)[b], single),
                       "batch-invariant: a row of matmul_transposed has its bits alone and with others");
        }
    }

    /// Sums of weighted rows do not depend on where they are cut.
    void tiles() {
        const std::size_t rows = 11, columns = claims_.longest;
        const floats memory = some_values(rows * columns, 8), factors = some_values(rows, 9);
        const unloop::const_matrix_view matrix(memory.data(), rows, columns);
        floats whole(columns), tiled(columns);
        unloop::kernels::weighted_sum(backend_, factors, matrix, whole);
        unloop::kernels::weighted_sum(backend_, std::span(factors).first(3), matrix.rows(0, 3), tiled);
        unloop::kernels::weighted_sum(backend_, std::span(factors).subspan(3), matrix.rows(3, rows - 3), tiled);
        expect(same_bits(whole, tiled), "batch-invariant: tiles of weighted_sum add up to the bits of the whole");
    }

    const Backend& backend_;
    const backend_claims& claims_;
    std::vector<std::string> broken_;
};

}  // namespace detail

/// The broken laws of `backend`; empty if it keeps them all. Only kernels that it claims are compared with the plain
/// loops; the others are plain loops.
template <class Backend>
[[nodiscard]] std::vector<std::string> broken_backend_laws(const Backend& backend, const backend_claims& claims = {}) {
    return detail::backend_judge<Backend>(backend, claims).broken();
}

}  // namespace laws

#endif
