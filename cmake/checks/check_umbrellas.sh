#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Umbrellas are complete and sorted: unloop/ROOM.hpp lists exactly the headers of unloop/ROOM/, unloop/unloop.hpp
# exactly the room umbrellas, and none of them reaches a foreign library. Left out: the wing backend, *_json.hpp,
# io/open.hpp and the adapters of foreign libraries.
# Usage: check_umbrellas.sh ROOT      (ROOT contains include/unloop)
set -eu
cd "$1/include/unloop"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
export LC_ALL=C

breach() {
    echo "$*"
    status=1
}

# lists UMBRELLA: its own includes, in the order written.
lists() { sed -n 's/^[ \t]*#[ \t]*include[ \t]*<unloop\/\([^>]*\)>.*/\1/p' "$1"; }

# compare UMBRELLA: what it lists against $work/wanted.
compare() {
    lists "$1" >"$work/listed"
    cmp -s "$work/wanted" "$work/listed" && return
    sort "$work/listed" | diff - "$work/wanted" >"$work/difference" || true
    sed -n "s|^< |$1: lists too much: |p; s|^> |$1: does not list: |p" "$work/difference"
    [ -s "$work/difference" ] || echo "$1: is not sorted"
    status=1
}

: >"$work/rooms"
for folder in */; do
    room=${folder%/}
    find "$room" -name '*.hpp' ! -name '*_json.hpp' ! -path io/open.hpp ! -path tensor/eigen.hpp \
        ! -path tensor/xtensor.hpp ! -path parallel/mpi.hpp | sort >"$work/wanted"
    if [ "$room" = backend ]; then
        [ ! -e backend.hpp ] || breach "backend.hpp: a wing has no umbrella"
    elif [ -e "$room.hpp" ]; then
        compare "$room.hpp"
        echo "$room.hpp" >>"$work/rooms"
    elif [ -s "$work/wanted" ]; then
        breach "$room.hpp: missing, the room has headers"
    fi
done

for header in *.hpp; do
    [ "$header" = unloop.hpp ] || [ -d "${header%.hpp}" ] || breach "$header: belongs in a room"
done

if [ -e unloop.hpp ]; then
    sort "$work/rooms" >"$work/wanted"
    compare unloop.hpp
else
    breach "unloop.hpp: missing"
fi

# Own headers that the umbrellas reach, to a fixed point; then their foreign includes.
sort "$work/rooms" >"$work/reached"
while :; do
    # shellcheck disable=SC2094  # both only read
    xargs cat <"$work/reached" | lists - | sort -u - "$work/reached" >"$work/more"
    while read -r header; do [ ! -e "$header" ] || echo "$header"; done <"$work/more" >"$work/next"
    ! cmp -s "$work/reached" "$work/next" || break
    mv "$work/next" "$work/reached"
done
foreign='^[ \t]*#[ \t]*include[ \t]*[<"](hwy/|Eigen/|unsupported/|xtensor|xtl/|xsimd/|boost/|CLI/|mpi\.h|benchmark/|catch2/)'
# shellcheck disable=SC2046  # header names have no blanks
if [ -s "$work/reached" ] && grep -nE "$foreign" /dev/null $(cat "$work/reached"); then
    breach "an umbrella reaches the foreign libraries above"
fi

[ "$status" -ne 0 ] || echo "umbrellas: complete, sorted, and free of foreign libraries"
exit "$status"
