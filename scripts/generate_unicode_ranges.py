#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Writes include/unloop/io/unicode_ranges.hpp: the classes by which tokenizers split text.

    pip install unicodedata2==16.0.0
    python3 scripts/generate_unicode_ranges.py > include/unloop/io/unicode_ranges.hpp

The version is fixed, because the tokenizers package (0.23) that the expected ids come from uses this one; a newer
version would cut text with newer letters differently.
"""
import sys

import unicodedata2

VERSION = "16.0.0"
WHITE_SPACE_CONTROLS = {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85}  # the rest of White_Space is Zs, Zl and Zp

HEAD = f"""\
// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Ranges of letters, numbers and white space in Unicode {VERSION}; written by scripts/generate_unicode_ranges.py.
#ifndef UNLOOP_IO_UNICODE_RANGES_HPP
#define UNLOOP_IO_UNICODE_RANGES_HPP

#include <cstdint>  // uint8_t

namespace unloop::inline v0 {{

inline constexpr const char* unicode_version = "{VERSION}";

enum class character_class : std::uint8_t {{ other, letter, number, space }};

namespace detail {{

/// Code points first .. last have one class.
struct character_class_range {{
    char32_t first;
    char32_t last;
    character_class value;
}};

struct character_classes {{
    using enum character_class;

    /// Ascending, disjoint; what is in no range is other.
    static constexpr character_class_range ranges[] = {{
        // clang-format off
"""

TAIL = """\
        // clang-format on
    };
};

}  // namespace detail

}  // namespace unloop::inline v0

#endif
"""


def class_of(code_point):
    category = unicodedata2.category(chr(code_point))
    if code_point in WHITE_SPACE_CONTROLS or category in ("Zs", "Zl", "Zp"):
        return "space"
    return {"L": "letter", "N": "number"}.get(category[0], "other")


def ranges():
    first, current = 0, class_of(0)
    for code_point in range(1, 0x110001):
        value = class_of(code_point) if code_point < 0x110000 else None
        if value != current:
            if current != "other":
                yield first, code_point - 1, current
            first, current = code_point, value


def main():
    if unicodedata2.unidata_version != VERSION:
        sys.exit(f"unicodedata2 is {unicodedata2.unidata_version}, not {VERSION}")
    line, lines = "", []
    for first, last, value in ranges():
        entry = f"{{0x{first:X}, 0x{last:X}, {value}}},"
        if len(line) + 1 + len(entry) > 111:
            lines.append(line)
            line = ""
        line += (" " if line else "") + entry
    lines.append(line)
    sys.stdout.write(HEAD + "".join(f"        {text}\n" for text in lines) + TAIL)


main()
