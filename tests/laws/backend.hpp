// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The laws of backends as a function that names what is broken; it needs no test framework.
#ifndef UNLOOP_LAWS_BACKEND_HPP
#define UNLOOP_LAWS_BACKEND_HPP

#include <laws/backend_extremes.hpp>
#include <laws/backend_judge.hpp>
#include <laws/random_weights.hpp>

#include <algorithm>  // copy, copy_n
#include <cmath>      // sqrt
#include <cstddef>    // size_t
#include <span>       // vectors
#include <string>     // names of broken laws
#include <vector>     // memory

namespace laws {

namespace detail {

/// Every claimed kernel against its plain loop, and against itself where a row of a batch stands alone.
template <class Backend>
class backend_agreement : backend_judge<Backend> {
  public:
    using backend_judge<Backend>::backend_judge;

    void run() {
        for (std::size_t n = 0; n <= claims_.longest; ++n)
            for (std::size_t offset = 0; offset < 4; ++offset) vectors(some_values(n + offset, 1), offset);
        unloop::for_each_format([&](auto format) { weights<decltype(format)>(); });
        if (unloop::is_batch_invariant<Backend>) tiles();
    }

  private:
    using judge = backend_judge<Backend>;
    using judge::backend_, judge::claims_, judge::expect, judge::within, judge::close, judge::expect_same,
        judge::magnitude, judge::in_place, judge::into_output, judge::into_second;
    template <class Kernel, class Format = void>
    static constexpr bool claimed = judge::template claimed<Kernel, Format>;

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
        }
        if (!claimed<unloop::kernels::matvec_t, Format> && !claimed<unloop::kernels::matmul_t, Format>) return;
        for (const std::size_t columns : {std::size_t{0}, unit, 3 * unit, std::size_t{96}, std::size_t{512}})
            for (const std::size_t rows : {0U, 1U, 2U, 5U, 13U})
                for (const std::size_t batch : {1U, 2U, 3U, 7U, 16U}) products<Format>(rows, columns, batch);
        for (std::size_t columns = 0; columns <= plain_columns; ++columns)
            for (const std::size_t rows : {1U, 4U, 5U})
                for (const std::size_t batch : {1U, 5U})
                    for (const std::size_t offset : {0U, 1U}) products<Format>(rows, columns, batch, offset);
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
                if (unloop::keeps_activations(backend_))
                    expect(within(rounding_of_sums(row, x[b]), single[r], expected[r]),
                           "keeps activations: a product errs by no more than a sum of floats");
            }
            expect(all[b * (rows + 1) + rows] == 77.0F, "writes nowhere but into out");
            if (unloop::is_batch_invariant<Backend>)
                expect(same_bits(out[b], single), "batch-invariant: a row of matmul has the bits of matvec");
        }
    }

    /// What `logit_bound` allows a product: twice n 2^-24 |a| |b|, and what the plain loop's rounding adds.
    static double rounding_of_sums(std::span<const float> a, std::span<const float> b) {
        return static_cast<double>(a.size() + 1) * 0x1p-23 * std::sqrt(magnitude(a, a) * magnitude(b, b));
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
};

}  // namespace detail

/// The broken laws of `backend`; empty if it keeps them all. Only kernels that it claims are compared with the plain
/// loops; the others are plain loops.
template <class Backend>
[[nodiscard]] std::vector<std::string> broken_backend_laws(const Backend& backend, const backend_claims& claims = {}) {
    std::vector<std::string> broken;
    detail::backend_agreement<Backend>(backend, claims, broken).run();
    detail::backend_extremes<Backend>(backend, claims, broken).run();
    return broken;
}

}  // namespace laws

#endif
