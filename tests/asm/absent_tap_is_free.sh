#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# A tap without an event in a layer costs nothing there: the layer's instructions equal those without a tap. The same
# comparison must tell a tap with an event apart.
# Usage: absent_tap_is_free.sh SOURCE COMPILER FLAG...
set -eu
source=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# instructions TAP COMPILER FLAG...: what the layer with this tap does; symbols and labels numbered as they first appear.
instructions() {
    tap=$1
    shift
    "$@" -O2 -S "-DTAP=$tap" "$source" -o "$work/$tap.s"
    awk '
        /^[ \t]*\./ && !/:/ { next }
        { sub(/[ \t]*#.*/, "") }
        /^[ \t]*$/ { next }
        { line = $0; out = ""
          while (match(line, /_Z[A-Za-z0-9_.]+|\.L[A-Za-z]*[0-9]+/)) {
              name = substr(line, RSTART, RLENGTH)
              if (!(name in number)) number[name] = ++count
              out = out substr(line, 1, RSTART - 1) "@" number[name]
              line = substr(line, RSTART + RLENGTH) }
          print out line }' "$work/$tap.s" >"$work/$tap"
}

for tap in no_tap tap_elsewhere tap_inside; do
    instructions "$tap" "$@"
done
count=$(wc -l <"$work/no_tap")
if [ "$count" -lt 100 ]; then
    echo "absent tap: the listing of a layer has $count lines, which cannot be"
    exit 1
fi
if ! diff -u "$work/no_tap" "$work/tap_elsewhere"; then
    echo "absent tap: a tap with an event elsewhere changes the instructions of a layer"
    exit 1
fi
if cmp -s "$work/no_tap" "$work/tap_inside"; then
    echo "absent tap: the comparison does not see a tap with an event in the layer"
    exit 1
fi
echo "absent tap: $count lines of a layer are the same without a tap and with one that listens elsewhere"
