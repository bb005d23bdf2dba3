// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A file of JSON lines that only grows, and survives the process that writes it being killed.
#ifndef UNLOOP_REPORT_JOURNAL_JSON_HPP
#define UNLOOP_REPORT_JOURNAL_JSON_HPP

#include <sys/file.h>  // flock
#include <unloop/io/file_descriptor.hpp>
#include <unloop/io/strict_json.hpp>
#include <unloop/report/record_json.hpp>

#include <array>        // a block
#include <cerrno>       // errno
#include <cstddef>      // size_t
#include <string>       // lines
#include <string_view>  // lines
#include <utility>      // move
#include <vector>       // values

namespace unloop::inline v0 {

/// One document a line. A last line without its line end was torn by a crash: it is left out, and cut off before the
/// next one is written. One process at a time; a second one is refused.
class json_journal {
  public:
    /// Creates the file where there is none. Throws `error` when it cannot be read or written, is in use, or holds a
    /// line that is no JSON (naming its number).
    explicit json_journal(std::string path)
        : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
        if (file_.number() < 0) throw_system_error(path_, "cannot be opened");
        if (::flock(file_.number(), LOCK_EX | LOCK_NB) != 0)
            throw error(file_place{path_, {}, {}}, "is in use by another process");
        const std::string text = read_all();
        std::size_t begin = 0;
        for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            lines_.push_back(parse_json(std::string_view(text).substr(begin, end - begin),
                                        {path_ + " line " + std::to_string(lines_.size() + 1), {}, {}}));
        torn_bytes_ = text.size() - begin;
        if (torn_bytes_ > 0 && ::ftruncate(file_.number(), static_cast<::off_t>(begin)) != 0)
            throw_system_error(path_, "its torn last line cannot be cut off");
        if (::lseek(file_.number(), static_cast<::off_t>(begin), SEEK_SET) < 0)
            throw_system_error(path_, "cannot be positioned");
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// What was there when it was opened, and what was appended since.
    [[nodiscard]] const std::vector<boost::json::value>& lines() const noexcept { return lines_; }
    /// Of the last line, which was not complete.
    [[nodiscard]] std::size_t torn_bytes() const noexcept { return torn_bytes_; }

    /// The first line says what the rest is about: writes it to an empty journal, throws `error` where another one is.
    void begin_with(const boost::json::object& head) {
        if (lines_.empty()) return append(head);
        if (json_line(lines_.front()) != json_line(head))
            throw error(
                file_place{path_, {}, {}},
                "is the journal of something else (model, prompts, texts or options differ); name another file");
    }
    /// Writes one line and makes it durable. Throws `error`.
    void append(boost::json::value value) {
        const std::string line = json_line(value);
        for (std::size_t done = 0; done < line.size();) {
            const ::ssize_t written = ::write(file_.number(), line.data() + done, line.size() - done);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw_system_error(path_, "cannot be written");
            done += static_cast<std::size_t>(written);
        }
        if (::fdatasync(file_.number()) != 0) throw_system_error(path_, "cannot be synced to disk");
        lines_.push_back(std::move(value));
    }

  private:
    [[nodiscard]] std::string read_all() const {
        std::string text;
        std::array<char, 1 << 16> block{};
        for (;;) {
            const ::ssize_t count = ::read(file_.number(), block.data(), block.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) throw_system_error(path_, "cannot be read");
            if (count == 0) return text;
            text.append(block.data(), static_cast<std::size_t>(count));
        }
    }

    std::string path_;
    file_descriptor file_;
    std::vector<boost::json::value> lines_;
    std::size_t torn_bytes_ = 0;
};

}  // namespace unloop::inline v0

#endif
