// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A table for a terminal: columns aligned by what is seen, not by bytes.
#ifndef UNLOOP_REPORT_TABLE_HPP
#define UNLOOP_REPORT_TABLE_HPP

#include <unloop/core/expects.hpp>
#include <unloop/report/display_width.hpp>

#include <algorithm>  // max
#include <cstddef>    // size_t
#include <cstdint>    // uint8_t
#include <string>     // cells
#include <utility>    // move
#include <vector>     // rows

namespace unloop::inline v0 {

enum class alignment : std::uint8_t { left, right };

struct table_column {
    std::string title;
    alignment align = alignment::left;
};

/// `table t({{"site"}, {"values", alignment::right}}); t.add({"hidden", "576"}); std::cout << t.text();` Cells hold one
/// line each and no control characters (see `printable`).
class table {
  public:
    /// When all titles are empty there is no line of titles.
    explicit table(std::vector<table_column> columns) : columns_(std::move(columns)) {
        for (const table_column& column : columns_) has_titles_ = has_titles_ || !column.title.empty();
    }

    /// As many cells as there are columns.
    void add(std::vector<std::string> cells) {
        expects(cells.size() == columns_.size(), "table: a row has one cell a column");
        rows_.push_back(std::move(cells));
    }

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// Lines, each with its line end; two blanks between columns, none at the end of a line. O(characters).
    [[nodiscard]] std::string text() const {
        std::vector<std::size_t> widths;
        for (const table_column& column : columns_) widths.push_back(display_width(column.title));
        for (const auto& row : rows_)
            for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
        std::string out;
        if (has_titles_) {
            std::vector<std::string> titles;
            for (const table_column& column : columns_) titles.push_back(column.title);
            append(out, titles, widths);
        }
        for (const auto& row : rows_) append(out, row, widths);
        return out;
    }

  private:
    void append(std::string& out, const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) const {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::string blanks(widths[i] - display_width(cells[i]), ' ');
            if (i > 0) out += "  ";
            out += columns_[i].align == alignment::right ? blanks + cells[i] : cells[i] + blanks;
        }
        out.erase(out.find_last_not_of(' ') + 1);
        out += '\n';
    }

    std::vector<table_column> columns_;
    std::vector<std::vector<std::string>> rows_;
    bool has_titles_ = false;
};

}  // namespace unloop::inline v0

#endif
