// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Typed access to keys: what converts, what is refused and in which words.
#include <unloop/io/gguf_metadata.hpp>

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/fault_of.hpp"

using unloop::gguf::metadata;

namespace {

metadata example() {
    metadata keys("some.gguf");
    keys.add({"count", 10, {std::uint64_t{300}}});
    keys.add({"huge", 20, {std::numeric_limits<std::uint64_t>::max()}});
    keys.add({"below", 30, {std::int64_t{-3}}});
    keys.add({"rate", 40, {0.1}});
    keys.add({"whole", 50, {2.0}});
    keys.add({"flag", 60, {true}});
    keys.add({"name", 70, {std::string("x")}});
    keys.add({"counts", 80, {std::vector<std::int64_t>{1, 2, 300}}});
    keys.add({"names", 90, {std::vector<std::string>{"a", "b"}}});
    keys.add({"rates", 100, {std::vector<double>{0.5, 2}}});
    return keys;
}

template <class T>
std::string fault_of_key(const std::string& key) {
    const metadata keys = example();
    return test::fault_of([&] { (void)keys.get<T>(key); });
}

}  // namespace

TEST_CASE("a number comes back in every type that holds it exactly") {
    const metadata keys = example();
    CHECK(keys.get<std::uint64_t>("count") == 300);
    CHECK(keys.get<std::int16_t>("count") == 300);
    CHECK(keys.get<float>("count") == 300.0F);
    CHECK(keys.get<std::uint64_t>("huge") == std::numeric_limits<std::uint64_t>::max());
    CHECK(keys.get<int>("below") == -3);
    CHECK(keys.get<double>("rate") == 0.1);
    CHECK(keys.get<std::vector<std::uint32_t>>("counts") == std::vector<std::uint32_t>{1, 2, 300});
    CHECK(keys.get<std::vector<float>>("rates") == std::vector<float>{0.5F, 2.0F});
}

TEST_CASE("a number that the type does not hold is refused, naming file, key, place and both types") {
    CHECK(fault_of_key<std::uint8_t>("count") ==
          "some.gguf: 'count' at offset 10: holds the integer 300, needed is an integer from 0 to 255");
    CHECK(fault_of_key<std::uint64_t>("below") ==
          "some.gguf: 'below' at offset 30: holds the integer -3, needed is an integer from 0 to 18446744073709551615");
    CHECK(fault_of_key<std::int64_t>("huge") != "none");
    CHECK(fault_of_key<double>("huge") != "none");  // 2^64 - 1 has 64 significant bits
    CHECK(fault_of_key<float>("rate") != "none");   // 0.1 as a double is no float
    CHECK(fault_of_key<int>("whole") ==
          "some.gguf: 'whole' at offset 50: holds a floating-point number, needed is an "
          "integer from -2147483648 to 2147483647");
    CHECK(fault_of_key<std::vector<std::uint8_t>>("counts") ==
          "some.gguf: 'counts' at offset 80: holds a list, each "
          "element an integer from -9223372036854775808 to "
          "9223372036854775807, needed is a list, each element an "
          "integer from 0 to 255");
}

TEST_CASE("strings, booleans and lists are not mistaken for one another") {
    CHECK(example().get<bool>("flag"));
    CHECK(fault_of_key<int>("flag") != "none");
    CHECK(fault_of_key<bool>("count") != "none");
    CHECK(fault_of_key<std::string>("count") ==
          "some.gguf: 'count' at offset 10: holds the integer 300, needed is a string");
    CHECK(fault_of_key<std::vector<std::string>>("name") != "none");
    CHECK(fault_of_key<std::vector<int>>("count") != "none");
    CHECK(fault_of_key<int>("counts") != "none");
}

TEST_CASE("strings and lists of them are handed out without a copy") {
    const metadata keys = example();
    const std::vector<std::string>& names = keys.get<std::vector<std::string>>("names");
    CHECK(&names == &keys.get<std::vector<std::string>>("names"));
    CHECK(names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a missing key is an error or the fallback, a wrong type always an error") {
    const metadata keys = example();
    CHECK(keys.find("nonesuch") == nullptr);
    CHECK(fault_of_key<int>("nonesuch") == "some.gguf: 'nonesuch': the file has no such key");
    CHECK(keys.get_or<int>("nonesuch", 7) == 7);
    CHECK(keys.get_or<int>("count", 7) == 300);
    CHECK(keys.get_or<std::string>("nonesuch", "y") == "y");
    CHECK(keys.get_or<std::string>("name", "y") == "x");
    CHECK_THROWS_AS(keys.get_or<int>("name", 7), unloop::error);
}

TEST_CASE("a key cannot be added twice") {
    metadata keys = example();
    CHECK_THROWS_AS(keys.add({"count", 200, {true}}), unloop::error);
    CHECK(keys.entries().size() == 10);
}
