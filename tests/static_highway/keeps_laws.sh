#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Compiles SOURCE for AVX2, which no build file may ask for (cmake/guards.cmake says why), and runs it; says 77, skipped,
# where the compiler or the processor cannot.
# Usage: keeps_laws.sh SOURCE LIBRARY COMPILER FLAG..., LIBRARY being Highway's
set -eu
source=$1 library=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
vectors="-march=x86-64-v3 -maes -mpclmul"

cat >"$work/can.cpp" <<'END'
int main() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2") &&
                   __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul")
               ? 0
               : 1;
}
END
if ! "$@" "$work/can.cpp" -o "$work/can" 2>"$work/said" || ! "$work/can"; then
    echo "static highway: this processor has no AVX2, or the compiler cannot tell"
    exit 77
fi
# shellcheck disable=SC2086  # several flags
if ! "$@" $vectors -fsyntax-only "$work/can.cpp" 2>"$work/said"; then
    echo "static highway: the compiler does not know $vectors"
    exit 77
fi
# shellcheck disable=SC2086
"$@" -O2 $vectors "$source" "$library" "-Wl,-rpath,$(dirname "$library")" -o "$work/laws"
"$work/laws"
