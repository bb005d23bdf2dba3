// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Vector loops with Highway: sums of rows, norms, softmax, activations.
// Compiled once per instruction set when hwy/foreach_target.h drives it; hence the guard that toggles.
#if defined(UNLOOP_BACKEND_HIGHWAY_ELEMENTWISE_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNLOOP_BACKEND_HIGHWAY_ELEMENTWISE_HPP
#undef UNLOOP_BACKEND_HIGHWAY_ELEMENTWISE_HPP
#else
#define UNLOOP_BACKEND_HIGHWAY_ELEMENTWISE_HPP
#endif

#include <hwy/contrib/math/math-inl.h>
#include <unloop/backend/highway/dot.hpp>
#include <unloop/tensor/view.hpp>

#include <cmath>   // sqrt, log
#include <limits>  // infinity

HWY_BEFORE_NAMESPACE();
namespace unloop::inline v0::backend::HWY_NAMESPACE {

/// out[j] += weights[i] * rows[i][j], four steps of columns at a time held in registers.
template <std::size_t Steps>
HWY_INLINE void weighted_sum_columns(const float* weights, std::size_t n, const float* rows, std::size_t row_stride,
                                     float* out) {
    step_values sums[Steps];
    for (std::size_t s = 0; s < Steps; ++s) sums[s] = load_step(out + s * lane_count);
    for (std::size_t i = 0; i < n; ++i) {
        const lane_vector weight = hn::Set(lane_tag(), weights[i]);
        for (std::size_t s = 0; s < Steps; ++s) {
            const step_values row = load_step(rows + i * row_stride + s * lane_count);
            for (std::size_t v = 0; v < vectors_a_step; ++v)
                sums[s].part[v] = hn::MulAdd(weight, row.part[v], sums[s].part[v]);
        }
    }
    for (std::size_t s = 0; s < Steps; ++s) store_step(sums[s], out + s * lane_count);
}

inline void weighted_sum(const float* weights, const_matrix_view rows, float* out) {
    const std::size_t n = rows.rows(), stride = rows.stride(0), columns = rows.columns();
    std::size_t j = 0;
    for (; j + 4 * lane_count <= columns; j += 4 * lane_count)
        weighted_sum_columns<4>(weights, n, rows.data() + j, stride, out + j);
    for (; j + lane_count <= columns; j += lane_count)
        weighted_sum_columns<1>(weights, n, rows.data() + j, stride, out + j);
    for (std::size_t i = 0; i < n && j < columns; ++i)
        for (std::size_t c = j; c < columns; ++c) out[c] = std::fma(weights[i], rows.data()[i * stride + c], out[c]);
}

/// rows[i][j] += weights[i] * x[j].
inline void add_outer(const float* weights, const float* x, matrix_view rows) {
    const std::size_t columns = rows.columns();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        float* const row = rows[i].data();
        const lane_vector weight = hn::Set(lane_tag(), weights[i]);
        std::size_t j = 0;
        for (; j + vector_lanes <= columns; j += vector_lanes)
            hn::StoreU(hn::MulAdd(weight, hn::LoadU(lane_tag(), x + j), hn::LoadU(lane_tag(), row + j)), lane_tag(),
                       row + j);
        for (; j < columns; ++j) row[j] = std::fma(weights[i], x[j], row[j]);
    }
}

inline void rms_norm(const float* x, const float* weight, std::size_t n, float epsilon, float* out) {
    const float inverse = 1.0F / std::sqrt(dot(x, x, n) / static_cast<float>(n) + epsilon);
    const lane_vector factor = hn::Set(lane_tag(), inverse);
    std::size_t i = 0;
    for (; i + vector_lanes <= n; i += vector_lanes) {
        auto value = hn::Mul(hn::LoadU(lane_tag(), x + i), factor);
        if (weight != nullptr) value = hn::Mul(value, hn::LoadU(lane_tag(), weight + i));
        hn::StoreU(value, lane_tag(), out + i);
    }
    for (; i < n; ++i) out[i] = x[i] * inverse * (weight == nullptr ? 1.0F : weight[i]);
}

inline float largest_of(const float* values, std::size_t n) {
    float largest = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < n; ++i) largest = values[i] > largest || values[i] != values[i] ? values[i] : largest;
    return largest;
}

/// Lane sums of exp(values - shift); stores the exponentials to `out` unless it is null.
HWY_INLINE float exponentials(const float* values, std::size_t n, float shift, float* out) {
    const lane_tag tag;
    const lane_vector offset = hn::Set(tag, shift);
    step_values sum = zero_step();
    for (std::size_t i = 0; i < n; i += lane_count) {
        const std::size_t count = n - i < lane_count ? n - i : lane_count;
        step_values step = count == lane_count ? load_step(values + i) : load_step_tail(values + i, count);
        HWY_ALIGN float padded[lane_count] = {};
        for (std::size_t v = 0; v < vectors_a_step; ++v) {
            step.part[v] = hn::Exp(tag, hn::Sub(step.part[v], offset));
            if (count == lane_count) sum.part[v] = hn::Add(sum.part[v], step.part[v]);
        }
        if (count < lane_count) {  // lanes behind the end hold exp(0 - shift): cut them off before they are summed
            store_step(step, padded);
            step = load_step_tail(padded, count);
            for (std::size_t v = 0; v < vectors_a_step; ++v) sum.part[v] = hn::Add(sum.part[v], step.part[v]);
        }
        if (out != nullptr && count == lane_count) store_step(step, out + i);
        if (out != nullptr && count < lane_count) std::memcpy(out + i, padded, count * sizeof(float));
    }
    return sum_lanes(sum);
}

inline void softmax(float* values, std::size_t n) {
    if (n == 0) return;
    const float sum = exponentials(values, n, largest_of(values, n), values);
    const float inverse = 1.0F / sum;
    for (std::size_t i = 0; i < n; ++i) values[i] *= inverse;
}

inline float exp_sum(float shift, float* values, std::size_t n) { return exponentials(values, n, shift, values); }

inline float log_sum_exp(const float* values, std::size_t n) {
    const float largest = largest_of(values, n);
    return largest + std::log(exponentials(values, n, largest, nullptr));
}

struct silu_step {
    HWY_INLINE lane_vector operator()(lane_vector x) const {
        const lane_tag tag;
        const auto exponent = hn::Min(hn::Neg(x), hn::Set(tag, 88.0F));  // exp must not overflow: x / e^88 is 0 enough
        return hn::Div(x, hn::Add(hn::Set(tag, 1.0F), hn::Exp(tag, exponent)));
    }
};

struct gelu_tanh_step {
    HWY_INLINE lane_vector operator()(lane_vector x) const {
        const lane_tag tag;
        const auto cube = hn::Mul(hn::Mul(x, x), hn::Mul(x, hn::Set(tag, 0.044715F)));
        const auto inner = hn::Mul(hn::Set(tag, 0.7978845608028654F), hn::Add(x, cube));
        return hn::Mul(hn::Mul(hn::Set(tag, 0.5F), x), hn::Add(hn::Set(tag, 1.0F), hn::Tanh(tag, inner)));
    }
};

template <class Activation>
void gated_product(const float* gate, const float* up, std::size_t n, float* out) {
    const Activation activation;
    std::size_t i = 0;
    for (; i + lane_count <= n; i += lane_count) {
        const step_values gates = load_step(gate + i), ups = load_step(up + i);
        step_values product;
        for (std::size_t v = 0; v < vectors_a_step; ++v)
            product.part[v] = hn::Mul(activation(gates.part[v]), ups.part[v]);
        store_step(product, out + i);
    }
    if (i < n) {
        const step_values gates = load_step_tail(gate + i, n - i), ups = load_step_tail(up + i, n - i);
        HWY_ALIGN float padded[lane_count];
        step_values product;
        for (std::size_t v = 0; v < vectors_a_step; ++v)
            product.part[v] = hn::Mul(activation(gates.part[v]), ups.part[v]);
        store_step(product, padded);
        std::memcpy(out + i, padded, (n - i) * sizeof(float));
    }
}

}  // namespace unloop::inline v0::backend::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
