#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# What a header costs whoever includes it: seconds of compilation (processor time, the least of three), and lines after
# the preprocessor. The first row is an empty file.
# Usage: umbrellas.bash ROOT [--json] [--out FILE] [HEADER...]
# --json prints JSON in place of the table; --out keeps it in FILE as well as the table on the screen.
# HEADER stands as in #include <unloop/HEADER>; without any, the umbrellas are measured. CXX names the compiler, g++.
set -euo pipefail
shopt -s inherit_errexit  # a failure inside $(...) ends the script too
export LC_ALL=C           # numbers with a decimal point, whatever the user's language

root=$1
shift
json=no
out=
headers=()
while [ "$#" -gt 0 ]; do
    case $1 in
    --json) json=yes ;;
    --out)
        out=${2:?umbrellas.bash: --out needs a file}
        shift
        ;;
    *) headers+=("$1") ;;
    esac
    shift
done
if [ "${#headers[@]}" -eq 0 ]; then
    for header in "$root"/include/unloop/*.hpp; do headers+=("$(basename "$header")"); done
fi
compiler=${CXX:-g++}
flags=(-std=c++20 -O2 -ffp-contract=off -I "$root/include" -x c++)

# source_of HEADER: the file that is compiled; that of no header is empty.
source_of() { [ -z "$1" ] || printf '#include <unloop/%s>\n' "$1"; }

# seconds HEADER: user and system time of one compilation.
seconds() {
    local TIMEFORMAT='%U %S' told
    told=$({ time source_of "$1" | "$compiler" "${flags[@]}" -c -o /dev/null -; } 2>&1)
    awk '{ printf "%.2f\n", $1 + $2 }' <<<"${told##*$'\n'}"
}

measure() {
    local least lines run
    lines=$(source_of "$1" | "$compiler" "${flags[@]}" -E -P - | wc -l)
    least=$(for run in 1 2 3; do seconds "$1"; done | sort -n | head -n 1)
    printf '%s %s\n' "$least" "$lines"
}

version=$("$compiler" --version | head -n 1)
separator=
document="{\"compiler\": \"$version\", \"flags\": \"-std=c++20 -O2\", \"headers\": ["
[ "$json" = yes ] || printf '%s, -std=c++20 -O2\n%-28s %8s %9s\n' "$version" header seconds lines
for header in "" "${headers[@]}"; do
    row=$(measure "$header")
    read -r time lines <<<"$row"
    document+="$separator{\"header\": \"$header\", \"seconds\": $time, \"lines\": $lines}"
    separator=', '
    [ "$json" = yes ] || printf '%-28s %8s %9s\n' "${header:-(nothing)}" "$time" "$lines"
done
document+=']}'
[ "$json" = no ] || printf '%s\n' "$document"
if [ -n "$out" ]; then
    printf '%s\n' "$document" >"$out"
    echo "Kept as JSON: $out" >&2
fi
