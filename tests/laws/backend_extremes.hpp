// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What becomes of NaN, infinity, masked and large scores on a backend.
#ifndef UNLOOP_LAWS_BACKEND_EXTREMES_HPP
#define UNLOOP_LAWS_BACKEND_EXTREMES_HPP

#include <laws/backend_judge.hpp>
#include <laws/random_weights.hpp>

#include <limits>  // infinity

namespace laws::detail {

template <class Backend>
class backend_extremes : backend_judge<Backend> {
  public:
    using backend_judge<Backend>::backend_judge;

    void run() {
        masks();
        spoiled();
        unloop::for_each_format([&](auto format) {
            using format_type = decltype(format);
            if constexpr (claimed<unloop::kernels::matmul_transposed_t, format_type>)
                spoiled_transposed_products<format_type>();
            if (claimed<unloop::kernels::matvec_t, format_type> || claimed<unloop::kernels::matmul_t, format_type>)
                spoiled_products<format_type>();
        });
    }

  private:
    using judge = backend_judge<Backend>;
    using judge::backend_, judge::claims_, judge::expect, judge::within, judge::close, judge::expect_same,
        judge::in_place;
    template <class Kernel, class Format = void>
    static constexpr bool claimed = judge::template claimed<Kernel, Format>;

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
            for (const floats& scores : {masked, large, spoiled, endless, floats(n, -infinity), floats(n, spoiled[at])})
                expect(unloop::kernels::argmax(backend_, scores) == unloop::kernels::argmax_t::plain(scores), law);
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
};

}  // namespace laws::detail

#endif
