// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A progress bar for a terminal: one line that redraws itself and leaves no trace.
#ifndef UNLOOP_REPORT_PROGRESS_BAR_HPP
#define UNLOOP_REPORT_PROGRESS_BAR_HPP

#include <unistd.h>  // isatty
#include <unloop/core/progress.hpp>
#include <unloop/report/display_width.hpp>
#include <unloop/report/number_text.hpp>

#include <algorithm>  // clamp
#include <chrono>     // when to draw
#include <cstddef>    // size_t
#include <cstdio>     // FILE
#include <string>     // the line

namespace unloop::inline v0 {

/// "generate   ██████████▌           52/100  12.3s", without a bar when the total is unknown. O(bar).
[[nodiscard]] inline std::string progress_line(const progress_event& event, double seconds) {
    constexpr std::size_t cells = 20;
    std::string line(event.stage);
    line.append(std::max<std::size_t>(display_width(line), 10) - display_width(line) + 1, ' ');
    if (event.total > 0) {
        const double share = std::clamp(static_cast<double>(event.done) / static_cast<double>(event.total), 0.0, 1.0);
        const auto halves = static_cast<std::size_t>(share * 2 * cells);
        for (std::size_t i = 0; i < halves / 2; ++i) line += "█";
        if (halves % 2 != 0) line += "▌";
        line.append(cells - (halves + 1) / 2, ' ');
        line += " " + std::to_string(event.done) + "/" + std::to_string(event.total);
    } else {
        line += std::to_string(event.done);
    }
    return line + "  " + duration_text(seconds);
}

/// A progress sink that draws to `out`, if that is a terminal, what has run for a second or more, ten times a second at
/// most. The destructor wipes the line. Pass it by reference: it is not copied. Never cancels.
template <class Clock>
class basic_progress_bar {
  public:
    explicit basic_progress_bar(std::FILE* out = stderr) : basic_progress_bar(out, ::isatty(::fileno(out)) != 0) {}
    basic_progress_bar(std::FILE* out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}
    basic_progress_bar(const basic_progress_bar&) = delete;
    basic_progress_bar& operator=(const basic_progress_bar&) = delete;
    ~basic_progress_bar() { wipe(); }

    bool operator()(const progress_event& event) {
        if (!is_terminal_) return true;
        const auto now = Clock::now();
        if (event.stage != stage_) {
            stage_ = event.stage;
            began_ = now;
            next_ = now + std::chrono::seconds(1);
        }
        if (now < next_) return true;
        next_ = now + std::chrono::milliseconds(100);
        const std::string line = progress_line(event, std::chrono::duration<double>(now - began_).count());
        std::fprintf(out_, "\r%s\x1b[K", line.c_str());  // ESC [ K clears what is left of an older line
        std::fflush(out_);
        drawn_ = true;
        return true;
    }
    /// Takes the line away, before something else is written to the terminal.
    void wipe() {
        if (drawn_) {
            std::fputs("\r\x1b[K", out_);
            std::fflush(out_);
        }
        drawn_ = false;
    }

  private:
    std::FILE* out_;
    bool is_terminal_;
    bool drawn_ = false;
    std::string stage_;
    typename Clock::time_point began_{};
    typename Clock::time_point next_{};
};

using progress_bar = basic_progress_bar<std::chrono::steady_clock>;
static_assert(progress_sink<progress_bar>);

}  // namespace unloop::inline v0

#endif
