#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Floors point one way: a header includes its own room or a lower one. Reads #include lines only; prints each breach.
# Usage: check_floors.sh ROOT      (ROOT contains include/unloop)
# shellcheck disable=SC2016  # the program below is awk
set -eu
cd "$1/include"

# The umbrella unloop/unloop.hpp may include every room umbrella; check_umbrellas.sh looks at it.
find unloop -name '*.hpp' ! -path unloop/unloop.hpp | sort | xargs awk '
BEGIN {
    rooms = split("core tensor parallel kernels backend blocks model io generate detect attribute edit evaluate " \
                  "search report", room_names, " ")
    split("0 1 1 2 2 3 4 5 6 7 8 9 10 11 12", room_floors, " ")
    for (i = 1; i <= rooms; i++) floor[room_names[i]] = room_floors[i]
}
function breach(text) { print FILENAME ":" FNR ": " text; broken = 1 }
function room_of(path, parts) {
    split(path, parts, "/")
    sub(/\.hpp$/, "", parts[2])
    return parts[2]
}
function check_std(name, room) {
    if (name ~ /^(regex|ranges|functional)$/) breach("<" name "> is too heavy for a header")
    if (name ~ /^(iostream|fstream|filesystem)$/ && room != "io" && room != "report")
        breach("<" name "> belongs in the rooms io and report only")
}
function check_own(name, room, other) {
    other = room_of(name)
    if (name == "unloop/unloop.hpp") breach("no header may include the umbrella of everything")
    else if (!(other in floor)) breach("unknown room: " other)
    else if (other == room) {
        if (room != "backend" && FILENAME != "unloop/" room ".hpp" && name == "unloop/" room ".hpp")
            breach("a header of " room " includes its own umbrella")
    }
    else if (other == "backend") breach("only programs include a backend, never the room " room)
    else if (room == "backend" && other == "parallel") breach("a backend knows no threads")
    else if (floor[other] + 0 > floor[room] + 0 || (floor[other] == floor[room] && room != "backend"))
        breach("the room " room " (floor " floor[room] ") includes " other " (floor " floor[other] ")")
    else if (room == "detect" && other != "core" && name != "unloop/generate/record.hpp")
        breach("a detector includes core and generate/record.hpp only, not " name)
}
FNR == 1 {
    room = room_of(FILENAME)
    if (!(room in floor)) breach("unknown room: " room)
}
/^[ \t]*#[ \t]*include/ {
    if (!match($0, /<[^>]*>/)) { breach("own includes are written <unloop/room/name.hpp>"); next }
    name = substr($0, RSTART + 1, RLENGTH - 2)
    included[FILENAME] = included[FILENAME] " " name
    if (name ~ /^unloop\//) check_own(name, room)
    else check_std(name, room)
}
# The record of a run is read by detectors that know no model.
function visit(file, names, count, i) {
    if (file in visited) return
    visited[file] = 1
    if (file ~ /^unloop\/(blocks|model|io)[\/.]/) { print "unloop/generate/record.hpp: reaches " file; broken = 1 }
    count = split(included[file], names, " ")
    for (i = 1; i <= count; i++) visit(names[i])
}
END {
    visit("unloop/generate/record.hpp")
    if (!broken) print "floors: every header includes its own room or a lower one"
    exit broken
}'
