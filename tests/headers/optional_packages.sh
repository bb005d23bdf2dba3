#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# An optional package that cannot be installed is told of and left out; a required one stops everything.
# Usage: optional_packages.sh ROOT
# shellcheck disable=SC2034  # what provide_packages reads
set -euo pipefail
# shellcheck source=/dev/null
source "$1/cmake/setup/packages.bash"
status=0

say() { said+=("$*"); }
is_debian_12() { true; }
has_model() { true; }
is_offered() { true; }
missing_packages() { printf '%s\n' "$@" | grep -xF "$(printf '%s\n' "${missing[@]}")" || true; }
# Like apt's: all that it is asked for, or nothing.
apt_get() {
    local package
    if [ "$1" = update ]; then
        [ "$lists" = yes ]
        return
    fi
    shift 2
    for package in "$@"; do
        [ "$package" != "$unknown" ] || return 100
    done
    installed+=("$@")
}

# machine PACKAGE...: the machine lacks these.
machine() {
    missing=("$@") installed=() said=()
    unknown=-
    lists=yes
    no_install=no
}

# provides RESULT INSTALLED WORDS: what provide_packages returns, installs, and says at the end.
provides() {
    local result=0
    provide_packages || result=1
    # shellcheck disable=SC2053  # words are a pattern
    [ "$result" = "$1" ] && [ "${installed[*]}" = "$2" ] && [[ ${said[-1]} == $3 ]] && return
    echo "missing ${missing[*]}: wanted $1 '$2' '$3', got $result '${installed[*]}' '${said[*]}'"
    status=1
}

machine cmake clang-16 clang-format-16
provides 0 "cmake clang-16 clang-format-16" "Installing: *"

machine cmake clang-16 clang-format-16
unknown=clang-16
provides 0 "cmake clang-format-16" "Not installed, steps will be left out: clang-16"

machine clang-16
unknown=clang-16
provides 0 "" "Not installed, steps will be left out: clang-16"

machine cmake clang-16
unknown=cmake
provides 1 "" "Installing: *"

machine clang-16
lists=no
provides 0 "" "Not installed, steps will be left out: clang-16"

machine cmake clang-16
lists=no
provides 1 "" "Not installed, and required: cmake"

machine cmake clang-16
no_install=yes
provides 1 "" "Not installed, and required: cmake"

machine clang-16
no_install=yes
provides 0 "" "Not installed, steps will be left out: clang-16"

[ "$status" -ne 0 ] || echo "setup: optional packages that cannot be installed are left out"
exit "$status"
