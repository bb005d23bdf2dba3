// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// SHA-256: the name of a run of bytes, by which receipts and fingerprints tell whether it changed.
#ifndef UNLOOP_IO_SHA256_HPP
#define UNLOOP_IO_SHA256_HPP

#include <algorithm>  // min
#include <array>      // state
#include <bit>        // rotr
#include <cstddef>    // byte
#include <cstdint>    // uint32_t
#include <cstring>    // memcpy
#include <span>       // bytes
#include <string>     // hexadecimal

namespace unloop::inline v0 {

namespace detail {
/// First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
inline constexpr std::array<std::uint32_t, 64> sha256_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
}  // namespace detail

/// Source: FIPS 180-4, section 6.2. Bytes may come in pieces of any length.
class sha256 {
  public:
    void update(std::span<const std::byte> bytes) {
        length_ += bytes.size();
        while (!bytes.empty()) {
            const std::size_t taken = std::min(bytes.size(), block_.size() - filled_);
            std::memcpy(block_.data() + filled_, bytes.data(), taken);
            bytes = bytes.subspan(taken);
            filled_ += taken;
            if (filled_ == block_.size()) digest_block();
        }
    }

    /// 64 lower-case hexadecimal digits. Ends the use of this object.
    [[nodiscard]] std::string finish() {
        const std::uint64_t bits = length_ * 8;
        const std::byte one{0x80};
        const std::byte zero{0};
        update({&one, 1});
        while (filled_ != block_.size() - sizeof bits) update({&zero, 1});
        std::array<std::byte, sizeof bits> tail;
        for (std::size_t i = 0; i < tail.size(); ++i) tail[i] = static_cast<std::byte>(bits >> (56 - 8 * i));
        update(tail);
        std::string text;
        for (const std::uint32_t word : state_)
            for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(word >> shift) & 15U];
        return text;
    }

  private:
    void digest_block() noexcept {
        std::array<std::uint32_t, 64> words;
        for (std::size_t i = 0; i < 16; ++i)
            words[i] = at(4 * i) << 24 | at(4 * i + 1) << 16 | at(4 * i + 2) << 8 | at(4 * i + 3);
        for (std::size_t i = 16; i < 64; ++i) {
            const std::uint32_t a = words[i - 15];
            const std::uint32_t b = words[i - 2];
            words[i] = words[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3)) + words[i - 7] +
                       (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10));
        }
        auto [a, b, c, d, e, f, g, h] = state_;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                        ((e & f) ^ (~e & g)) + detail::sha256_constants[i] + words[i];
            const std::uint32_t second =
                (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
        }
        const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < 8; ++i) state_[i] += added[i];
        filled_ = 0;
    }

    [[nodiscard]] std::uint32_t at(std::size_t i) const noexcept { return std::to_integer<std::uint32_t>(block_[i]); }

    /// First 32 bits of the fractional parts of the square roots of the first 8 primes (FIPS 180-4, 5.3.3).
    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> block_;
    std::size_t filled_ = 0;
    std::uint64_t length_ = 0;
};

/// SHA-256 of `bytes`, 64 lower-case hexadecimal digits.
[[nodiscard]] inline std::string sha256_hex(std::span<const std::byte> bytes) {
    sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

}  // namespace unloop::inline v0

#endif
