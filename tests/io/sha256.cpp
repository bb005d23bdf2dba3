// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// SHA-256 against the published examples.
#include <unloop/io/sha256.hpp>

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace {
std::string hash_of(const std::string& text) { return unloop::sha256_hex(std::as_bytes(std::span(text))); }
}  // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples") {
    CHECK(hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hash_of("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
                  "lmnopqrsmnopqrstnopqrstu") == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    CHECK(hash_of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("the digest does not depend on how the bytes are divided") {
    const std::string text(200, 'x');
    const auto bytes = std::as_bytes(std::span(text));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        unloop::sha256 hash;
        hash.update(bytes.first(cut));
        hash.update(bytes.subspan(cut));
        CHECK(hash.finish() == unloop::sha256_hex(bytes));
    }
}
