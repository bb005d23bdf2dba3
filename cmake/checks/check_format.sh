#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Every C++ file is as clang-format 16 leaves it. Exit code 77: clang-format-16 is not installed.
# Compared by text, because --dry-run also warns of replacements that change nothing (comments of inline namespaces).
# Usage: check_format.sh ROOT [--fix]
set -eu
cd "$1"
if ! command -v clang-format-16 >/dev/null 2>&1; then
    echo "format: skipped, clang-format-16 is not installed"
    exit 77
fi
list=$(mktemp)
trap 'rm -f "$list"' EXIT
for folder in include src examples tests benchmarks; do
    [ ! -d "$folder" ] || find "$folder" \( -name '*.hpp' -o -name '*.cpp' \) -type f
done | sort >"$list"
if [ "${2:-}" = --fix ]; then
    xargs -r clang-format-16 -i <"$list"
    exit
fi
status=0
while read -r file; do
    clang-format-16 "$file" | diff -u --label "$file" --label "$file (formatted)" "$file" - || status=1
done <"$list"
if [ "$status" -ne 0 ]; then
    echo "format: run ./do format"
    exit 1
fi
echo "format: $(wc -l <"$list") files are in form"
