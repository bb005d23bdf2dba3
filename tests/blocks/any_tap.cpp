// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A tap behind one type: every event that it has reaches it, no other.
#include <unloop/blocks/any_tap.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string_view>  // sites
#include <vector>       // calls

using namespace unloop;

namespace {

struct call {
    std::string_view site;
    std::int32_t layer;
    friend bool operator==(const call&, const call&) = default;
};
struct hears_all {
    std::vector<call> calls;
    template <class Site>
    void operator()(Site, const tap_place& place, matrix_view values) {
        calls.push_back({Site::name, place.layer});
        values[0][0] += 1;
    }
};
struct hears_neurons {
    int calls = 0;
    void operator()(sites::mlp_neurons, const tap_place&, matrix_view) { ++calls; }
};
struct foreign_site {};

static_assert(activation_tap<any_tap>);
static_assert(!listens_to<any_tap, foreign_site>);

/// Calls every site of the list once, layers counting up; returns the sum that the taps left behind.
float visit_all_sites(any_tap tap) {
    float value = 0;
    tap_place place;
    sites::for_each_site([&](auto site) {
        tap(site, place, matrix_view(&value, 1, 1));
        ++place.layer;
    });
    return value;
}

}  // namespace

TEST_CASE("a tap behind any_tap hears each site that it listens to, in its own place") {
    hears_all all;
    CHECK(visit_all_sites(any_tap(all)) == static_cast<float>(sites::count));
    std::vector<call> wanted;
    sites::for_each_site([&](auto site) { wanted.push_back({site.name, static_cast<std::int32_t>(wanted.size())}); });
    CHECK(all.calls == wanted);
    hears_neurons neurons;
    CHECK(visit_all_sites(any_tap(neurons)) == 0);
    CHECK(neurons.calls == 1);
    no_tap none;
    CHECK(visit_all_sites(any_tap(none)) == 0);
}

TEST_CASE("sites are numbered in the order of the list") {
    std::size_t next = 0;
    sites::for_each_site([&]<class Site>(Site) { CHECK(sites::number<Site> == next++); });
    CHECK(next == sites::count);
    CHECK(sites::number<foreign_site> == sites::count);
}
