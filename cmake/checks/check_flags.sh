#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# No build file passes an instruction-set flag: such programs crash on older machines (cmake/guards.cmake says more).
# Usage: check_flags.sh ROOT
set -eu
cd "$1"
find . \( -name build -o -name .git \) -prune -o \
    \( -name CMakeLists.txt -o -name '*.cmake' -o -name CMakePresets.json -o -path ./do -o -path ./.ci/run \) \
    -type f -print | sort | sed 's|^\./||' >"${TMPDIR:-/tmp}/unloop_flags.$$"
trap 'rm -f "${TMPDIR:-/tmp}/unloop_flags.$$"' EXIT
# shellcheck disable=SC2046  # these names have no blanks
if grep -nE '(^|[[:space:]"(;=:>])-m[a-z0-9]' /dev/null $(cat "${TMPDIR:-/tmp}/unloop_flags.$$"); then
    echo "flags: a build file passes an instruction-set flag"
    exit 1
fi
echo "flags: no build file passes an instruction-set flag"
