// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// When a progress bar draws, and what.
#include <unloop/report/progress_bar.hpp>

#include <catch2/catch_test_macros.hpp>
#include <laws/progress_sink.hpp>

#include <cstdlib>

using namespace unloop;

namespace {

struct manual_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<manual_clock>;
    static inline std::int64_t milliseconds = 0;
    static time_point now() { return time_point(duration(milliseconds)); }
};

/// What a bar writes while `use(bar)` runs.
template <class Use>
std::string drawn(bool is_terminal, const Use& use) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const out = open_memstream(&text, &size);
    {
        basic_progress_bar<manual_clock> bar(out, is_terminal);
        use(bar);
    }
    std::fclose(out);
    const std::string written(text, size);
    std::free(text);
    return written;
}

}  // namespace

TEST_CASE("a line shows stage, share and time", "[progress]") {
    CHECK(progress_line({"generate", 1, 2}, 3.21) == "generate   ██████████           1/2  3.2s");
    CHECK(progress_line({"generate", 21, 40}, 1) == "generate   ██████████▌          21/40  1.0s");
    CHECK(progress_line({"search", 40, 40}, 61) == "search     ████████████████████ 40/40  1m 01s");
    CHECK(progress_line({"search", 7, 0}, 2) == "search     7  2.0s");
    CHECK(progress_line({"a longer name", 0, 1}, 2) == "a longer name                      0/1  2.0s");
}

TEST_CASE("nothing is drawn in the first second, ten times a second afterwards, and the line goes away", "[progress]") {
    const auto work = [](auto& bar) {
        for (int step = 0; step <= 200; ++step) {
            manual_clock::milliseconds = 1000 * 1000 + step * 10;
            CHECK(bar(progress_event{"scan", step, 200}));
        }
    };
    const std::string text = drawn(true, work);
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = text.find("scan", at)) != std::string::npos; ++at) ++lines;
    CHECK(lines == 11);
    CHECK(text.starts_with("\r" + progress_line({"scan", 100, 200}, 1.0) + "\x1b[K"));
    CHECK(text.ends_with("\r\x1b[K"));
    CHECK(drawn(false, work).empty());
    CHECK(drawn(true, [](auto& bar) { bar(progress_event{"scan", 1, 2}); }).empty());
}

TEST_CASE("a new stage has a second of its own", "[progress]") {
    const std::string text = drawn(true, [](auto& bar) {
        manual_clock::milliseconds = 0;
        bar(progress_event{"first", 0, 2});
        manual_clock::milliseconds = 1500;
        bar(progress_event{"second", 0, 2});
        manual_clock::milliseconds = 2400;
        bar(progress_event{"second", 1, 2});
    });
    CHECK(text.empty());
}

TEST_CASE("a progress bar keeps the laws of sinks", "[laws]") {
    for (const bool is_terminal : {false, true}) {
        std::FILE* const out = std::tmpfile();
        REQUIRE(out != nullptr);
        const auto make = [&] { return progress_bar(out, is_terminal); };
        CHECK(laws::broken_progress_sink_laws(make, {.may_stop = false}).empty());
        std::fclose(out);
    }
}
