// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Scaled rows against rounding as it is defined: the nearest number of the format, found by search over all of them.
#include <unloop/edit/scale_row.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <unloop/core/random.hpp>
#include <unloop/tensor/weight_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace {

using namespace unloop;

// The last three, times 5 in float16, times 5 in bfloat16 and with subnormal results, come so close to the middle
// between two numbers that rounding to float32 first goes wrong.
constexpr std::array factors{0.0F,  -1.0F, 2.0F,   0.5F,  0.0625F, 3.0F,  2.5F,
                             -0.8F, 1.0F,  1e-30F, 3e38F, 410.6F,  52.2F, 0x1.555556p-12F};

/// All finite numbers that are not negative of a format of 16 bits are its bits counted from 0 up to `infinity`.
template <class Stored>
constexpr std::uint16_t infinity = std::is_same_v<Stored, float16> ? 0x7C00 : 0x7F80;

double value_of_magnitude(float16, std::uint16_t bits) {
    const int exponent = bits >> 10, digits = bits & 1023;
    return exponent == 0 ? std::ldexp(digits, -24) : std::ldexp(1024 + digits, exponent - 25);
}
double value_of_magnitude(bfloat16, std::uint16_t bits) {
    const int exponent = bits >> 7, digits = bits & 127;
    return exponent == 0 ? std::ldexp(digits, -133) : std::ldexp(128 + digits, exponent - 134);
}

/// Bits of the number nearest to |exact|; of two the even one; what is nearer to the first number that the format lacks
/// is infinite.
template <class Stored>
std::uint16_t nearest_magnitude(double exact) {
    std::uint16_t low = 0, high = infinity<Stored>;
    while (high - low > 1) {
        const auto middle = static_cast<std::uint16_t>((low + high) / 2);
        (value_of_magnitude(Stored{}, middle) <= exact ? low : high) = middle;
    }
    const double below = exact - value_of_magnitude(Stored{}, low), above = value_of_magnitude(Stored{}, high) - exact;
    return below < above || (below == above && low % 2 == 0) ? low : high;
}

struct outcome {
    std::uint16_t bits = 0;
    bool rounded = false, underflowed = false, overflowed = false;
    double error = 0;
};

/// What must stand there after scaling, from the definition.
template <class Stored>
outcome expected(std::uint16_t bits, float factor) {
    const auto magnitude = static_cast<std::uint16_t>(bits & 0x7FFF);
    const std::uint16_t sign = static_cast<std::uint16_t>(bits & 0x8000) ^ (std::signbit(factor) ? 0x8000 : 0);
    if (factor == 0.0F) return {};
    const auto flipped = static_cast<std::uint16_t>(sign | magnitude);
    if (magnitude > infinity<Stored>) return {factor == -1.0F ? flipped : bits};  // NaN
    if (magnitude == infinity<Stored>) return {flipped};
    const double exact = value_of_magnitude(Stored{}, magnitude) * std::abs(static_cast<double>(factor));
    const std::uint16_t nearest = nearest_magnitude<Stored>(exact);
    outcome wanted{static_cast<std::uint16_t>(sign | nearest)};
    wanted.overflowed = nearest == infinity<Stored>;
    if (wanted.overflowed || value_of_magnitude(Stored{}, nearest) == exact) return wanted;
    wanted.error = std::abs(value_of_magnitude(Stored{}, nearest) - exact) / exact;
    const std::uint16_t first_normal = std::is_same_v<Stored, float16> ? 0x0400 : 0x0080;
    wanted.underflowed = exact < value_of_magnitude(Stored{}, first_normal);
    wanted.rounded = !wanted.underflowed;
    return wanted;
}

std::uint16_t bits_at(const std::vector<std::byte>& block, std::size_t offset) {
    return detail::load_unaligned<std::uint16_t>(block.data() + offset);
}

/// A block with random codes and `bits` at all `offsets`.
template <class Format>
std::vector<std::byte> block_with(std::uint16_t bits, const std::vector<std::size_t>& offsets) {
    std::vector<std::byte> block(Format::block_bytes);
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<std::byte>(random_bits(bits, 0, i));
    for (const std::size_t offset : offsets) std::memcpy(block.data() + offset, &bits, 2);
    return block;
}

template <class Stored, class Format>
void check_every_scale(const std::vector<std::size_t>& offsets) {
    for (const float factor : factors) {
        INFO("factor " << factor);
        std::size_t wrong = 0;
        for (unsigned all = 0; all < 0x10000; ++all) {
            const auto bits = static_cast<std::uint16_t>(all);
            std::vector<std::byte> block = block_with<Format>(bits, offsets);
            std::vector<std::byte> wanted_block = block;
            const outcome wanted = expected<Stored>(bits, factor);
            for (const std::size_t offset : offsets) std::memcpy(wanted_block.data() + offset, &wanted.bits, 2);
            const scaling_error error = scale_row(Format::tag, block, factor);
            const bool right = block == wanted_block && error.blocks == 1 && error.rounded == wanted.rounded &&
                               error.underflowed == wanted.underflowed && error.overflowed == wanted.overflowed &&
                               error.largest_relative_error == static_cast<float>(wanted.error);
            wrong += right ? 0U : 1U;
            if (!right && wrong < 4)
                FAIL_CHECK("scale " << bits << " became " << bits_at(block, offsets[0]) << ", not " << wanted.bits);
        }
        CHECK(wrong == 0);
    }
}

}  // namespace

TEST_CASE("every float16 scale is scaled as defined, with every kind of factor", "[exhaustive]") {
    SECTION("Q8_0") { check_every_scale<float16, q8_0>({0}); }
    SECTION("Q4_1") { check_every_scale<float16, q4_1>({0, 2}); }
    SECTION("F16") { check_every_scale<float16, f16>({0}); }
}

TEST_CASE("every bfloat16 value is scaled as defined", "[exhaustive]") { check_every_scale<bfloat16, bf16>({0}); }

TEST_CASE("float32 values are multiplied, rounding once") {
    for (const float factor : factors)
        for (std::uint64_t i = 0; i < 20'000; ++i) {
            const auto bits = static_cast<std::uint32_t>(random_bits(7, 0, i));
            std::vector<std::byte> row(4);
            std::memcpy(row.data(), &bits, 4);
            const auto before = detail::load_unaligned<float>(row.data());
            const scaling_error error = scale_row(number_format::f32, row, factor);
            const auto after = detail::load_unaligned<float>(row.data());
            if (std::isnan(before)) continue;
            const float wanted = factor == 0.0F ? 0.0F : before * factor;
            REQUIRE(std::memcmp(&after, &wanted, 4) == 0);
            const bool is_exact = static_cast<double>(before) * factor == static_cast<double>(after);
            REQUIRE(error.is_exact() == (factor == 0.0F || is_exact));
        }
}

TEST_CASE("a block counts once, under the worst of its scales") {
    std::vector<std::byte> block(q4_1::block_bytes);
    const auto scaled = [&](float d, float m, float factor) {
        const float16 scales[2]{float16(d), float16(m)};
        std::memcpy(block.data(), scales, 4);
        return scale_row(number_format::q4_1, block, factor);
    };
    CHECK(scaled(1.0F, 2.0F, 0.5F).is_exact());
    CHECK(scaled(1.0F, 1.0F + 0x1p-10F, 3.0F).rounded == 1);
    CHECK(scaled(1.0F + 0x1p-10F, 0x1.004p-14F, 0.75F).underflowed == 1);  // the other one is only rounded
    CHECK(scaled(1.0F + 0x1p-10F, 0x1.004p-14F, 0.75F).rounded == 0);
    CHECK(scaled(60000.0F, 0x1.004p-14F, 1.5F).overflowed == 1);
    CHECK(scaled(0x1p-24F, 0.0F, 0.25F).largest_relative_error == 1.0);  // it vanished
    CHECK(scaled(0x1p-14F, 0.0F, 0.5F).is_exact());                      // below the normal range, and still exact
}

TEMPLATE_TEST_CASE("rows at odd addresses decode to their values times the factor", "", f32, f16, bf16, q4_1, q8_0) {
    constexpr std::size_t blocks = 7, columns = blocks * TestType::block_values;
    std::vector<std::byte> memory(1 + blocks * TestType::block_bytes);
    const std::span<std::byte> row = std::span(memory).subspan(1);
    for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<std::byte>(random_bits(3, 0, i));
    for (std::size_t b = 0; b < blocks; ++b) {
        std::byte* const block = row.data() + b * TestType::block_bytes;
        const auto value = 0.75F + static_cast<float>(b);
        if constexpr (TestType::block_values == 1) {
            const auto stored = static_cast<typename TestType::stored>(value);
            std::memcpy(block, &stored, sizeof stored);
        } else {
            const float16 scale(value);
            for (const std::size_t offset : TestType::scale_offsets) std::memcpy(block + offset, &scale, 2);
        }
    }
    const auto decoded = [&] {
        std::vector<float> values(columns);
        decode_row({TestType::tag, 1, columns, row.size(), row.data()}, 0, values);
        return values;
    };
    const auto before = decoded();
    for (const float factor : {2.0F, -1.0F, 0.25F, 0.0F}) {
        auto wanted = decoded();
        for (float& value : wanted) value *= factor;
        const scaling_error error = scale_row(TestType::tag, row, factor);
        CHECK(error.is_exact());
        CHECK(error.blocks == blocks);
        CHECK(decoded() == wanted);
    }
    CHECK(before != decoded());
}
