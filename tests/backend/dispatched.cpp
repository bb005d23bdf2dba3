// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The compiled backend keeps the laws of backends on every instruction set, and gives the same bits on most of them.
#include <backend/each_target.hpp>
#include <unloop/backend/dispatched.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/backend.hpp>

#include <algorithm>    // fill
#include <cmath>        // isnan
#include <cstdint>      // halves
#include <cstdlib>      // getenv
#include <cstring>      // memcmp
#include <limits>       // infinity
#include <string>       // name of the instruction set
#include <string_view>  // names
#include <utility>      // pair
#include <vector>       // weights

namespace {

using namespace unloop;

constexpr each_target::backend backend_of_target;

void record(std::vector<float>& results, std::span<const float> values) {
    results.insert(results.end(), values.begin(), values.end());
}

template <class Format>
void record_products(std::vector<float>& results, std::size_t rows, std::size_t columns, std::size_t batch) {
    const auto bytes = laws::detail::some_weights<Format>(rows * columns, 11);
    const weight_view weights{Format::tag, rows, columns, bytes_of(Format::tag, columns), bytes.data()};
    const auto x = laws::detail::some_values(batch * columns, 12);
    std::vector<float> out(batch * rows);
    kernels::matmul(backend_of_target, weights, const_matrix_view(x.data(), batch, columns),
                    matrix_view(out.data(), batch, rows));
    record(results, out);
}

/// One result of every kernel.
std::vector<float> results_of_kernels() {
    std::vector<float> results;
    for (const std::size_t n : {1U, 15U, 33U, 1000U}) {
        const auto a = laws::detail::some_values(n, 13), b = laws::detail::some_values(n, 14);
        std::vector<float> out(n);
        results.push_back(kernels::dot(backend_of_target, a, b));
        kernels::weighted_sum(backend_of_target, std::vector<float>{0.3F, 0.7F},
                              const_matrix_view(a.data(), {2, n / 2}, {n - n / 2, 1}), std::span(out).first(n / 2));
        record(results, out);
        kernels::rms_norm(backend_of_target, a, b, 1e-5F, out), record(results, out);
        out = a, kernels::softmax(backend_of_target, out), record(results, out);
        out = a, results.push_back(kernels::exp_sum(backend_of_target, 1.5F, out)), record(results, out);
        results.push_back(kernels::log_sum_exp(backend_of_target, a));
        results.push_back(static_cast<float>(kernels::argmax(backend_of_target, a)));
        for (const rotary_layout layout : {rotary_layout::halves, rotary_layout::interleaved}) {
            std::vector<float> head = laws::detail::some_values(2 * n, 15);
            kernels::rotary(backend_of_target, layout, a, b, head), record(results, head);
        }
        kernels::gated_product<kernels::silu_t>(backend_of_target, a, b, out), record(results, out);
        kernels::gated_product<kernels::gelu_tanh_t>(backend_of_target, a, b, out), record(results, out);
    }
    for_each_format([&](auto format) {
        for (const std::size_t batch : {1U, 2U, 3U, 4U, 5U, 23U})
            record_products<decltype(format)>(results, 29, 32 * 51, batch);
    });
    return results;
}

}  // namespace

TEST_CASE("the dispatched backend keeps the laws of backends on every instruction set of this machine") {
    each_target::choose();
    for (const std::string& law :
         laws::broken_backend_laws(each_target::backend{}, {.tolerance = 4e-6, .longest = 2 * 64 + 1}))
        FAIL_CHECK(law);
    CHECK(unloop::is_batch_invariant<unloop::dispatched>);
    CHECK(unloop::keeps_activations(unloop::dispatched()));
    CHECK_FALSE(std::string(unloop::dispatched::target()).empty());
}

TEST_CASE("the best table of this machine, or the one asked for, is chosen once") {
    const auto tables = unloop::backend::dispatched_tables();
    REQUIRE_FALSE(tables.empty());
    const char* const wanted = std::getenv("UNLOOP_TARGET");
    CHECK(std::string(unloop::dispatched::target()) == (wanted == nullptr ? tables.front()->target : wanted));
    CHECK(&unloop::backend::dispatched_table() == &unloop::backend::dispatched_table());
    for (std::size_t i = 1; i < tables.size(); ++i) CHECK(std::string(tables[i]->target) != tables[i - 1]->target);
}

TEST_CASE("masked experts weigh nothing, and the others the same, on the dispatched backend as on the plain loops") {
    for (const std::size_t experts : {2U, 7U, 16U, 33U, 128U})
        for (std::size_t pattern = 0; pattern < 40; ++pattern) {
            unloop::random_sequence random(pattern, experts);
            std::vector<float> masked, left;
            for (std::size_t e = 0; e < experts; ++e) {
                const bool stays = e == pattern % experts || random.below(3) == 0;
                const auto logit = static_cast<float>(40 * random.uniform() - 20);
                masked.push_back(stays ? logit : -std::numeric_limits<float>::infinity());
                if (stays) left.push_back(logit);
            }
            std::vector<float> plain = masked, fast = masked;
            unloop::kernels::softmax(unloop::reference{}, plain);
            unloop::kernels::softmax(unloop::dispatched{}, fast);
            unloop::kernels::softmax(unloop::reference{}, left);
            for (std::size_t e = 0, next = 0; e < experts; ++e) {
                const float expected = std::isinf(masked[e]) ? 0.0F : left[next++];
                REQUIRE(plain[e] == expected);
                REQUIRE(std::abs(fast[e] - expected) <= 4e-6F * expected);
            }
        }
}

TEST_CASE("halves that are infinite or no number stay so on every instruction set") {
    constexpr std::size_t columns = 64;
    for (const backend::kernel_table* table : backend::dispatched_tables()) {
        INFO("target " << table->target);
        each_target::current = table;
        for (const std::uint16_t strange : {std::uint16_t{0x7C00}, std::uint16_t{0xFC00}, std::uint16_t{0x7E00}}) {
            const auto product = [&](const auto& backend, number_format format, std::span<const std::byte> bytes) {
                const weight_view weights{format, 1, columns, bytes.size(), bytes.data()};
                const std::vector<float> x(8 * columns, 1.0F);
                std::vector<float> out(8);
                kernels::matmul(backend, weights, const_matrix_view(x.data(), 8, columns),
                                matrix_view(out.data(), 8, 1));
                return out.front();
            };
            std::vector<std::byte> halves(2 * columns), blocks(columns / 32 * 34);
            std::memcpy(halves.data() + 2 * 37, &strange, sizeof strange);
            std::memcpy(blocks.data() + 34, &strange, sizeof strange);  // the scale of the second block
            std::fill(blocks.begin() + 36, blocks.end(), std::byte{1});
            for (const auto& [format, bytes] :
                 {std::pair{number_format::f16, std::span<const std::byte>(halves)}, {number_format::q8_0, blocks}}) {
                const float expected = product(reference{}, format, bytes),
                            got = product(backend_of_target, format, bytes);
                CHECK(std::isnan(got) == std::isnan(expected));
                if (!std::isnan(expected)) CHECK(got == expected);
            }
        }
    }
}

TEST_CASE("rows of float32 may lie parts of a float apart") {
    constexpr std::size_t rows = 9, columns = 33, stride = 4 * columns + 2;
    const auto values = laws::detail::some_values(rows * columns, 21), x = laws::detail::some_values(6 * columns, 22);
    std::vector<std::byte> bytes(rows * stride);
    for (std::size_t r = 0; r < rows; ++r)
        std::memcpy(bytes.data() + r * stride, values.data() + r * columns, 4 * columns);
    const weight_view packed{number_format::f32, rows, columns, 4 * columns,
                             reinterpret_cast<const std::byte*>(values.data())};
    const weight_view apart{number_format::f32, rows, columns, stride, bytes.data()};
    for (const backend::kernel_table* table : backend::dispatched_tables()) {
        INFO("target " << table->target);
        each_target::current = table;
        for (const std::size_t batch : {1U, 4U, 6U}) {
            const auto product = [&](const weight_view& weights) {
                std::vector<float> out(batch * rows);
                kernels::matmul(backend_of_target, weights, const_matrix_view(x.data(), batch, columns),
                                matrix_view(out.data(), batch, rows));
                return out;
            };
            CHECK(product(apart) == product(packed));
        }
    }
}

TEST_CASE("instruction sets that fuse multiply and add give the same bits", "[invariance]") {
    std::vector<float> first;
    std::size_t compared = 0;
    for (const backend::kernel_table* table : backend::dispatched_tables()) {
        if (std::string_view(table->target).find("AVX") == std::string_view::npos) continue;
        INFO("target " << table->target);
        each_target::current = table;
        const std::vector<float> results = results_of_kernels();
        if (first.empty()) first = results;
        REQUIRE(results.size() == first.size());
        CHECK(std::memcmp(results.data(), first.data(), first.size() * sizeof(float)) == 0);
        ++compared;
    }
    if (compared < 2) SKIP("this machine has fewer than two of them");
}
