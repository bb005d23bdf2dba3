#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# SOURCE must not compile, the compiler saying each text of its `// expect: TEXT` lines; its twin must compile.
# Usage: check_compile_fail.sh SOURCE COMPILER FLAG...
set -eu
source=$1
shift
twin=${source%.cpp}.twin.cpp
said=$(mktemp)
trap 'rm -f "$said" "$said.wanted"' EXIT

# Source lines are kept out of the diagnostics, so that no text is found in an echo of itself.
if "$@" -fsyntax-only -fno-diagnostics-show-caret -fmessage-length=0 "$source" >"$said" 2>&1; then
    echo "$source: compiles, and must not"
    exit 1
fi
sed -n 's|^// expect: ||p' "$source" >"$said.wanted"
if [ ! -s "$said.wanted" ]; then
    echo "$source: has no line // expect: TEXT"
    exit 1
fi
while IFS= read -r text; do
    grep -qF -- "$text" "$said" && continue
    echo "$source: the compiler did not say: $text"
    cat "$said"
    exit 1
done <"$said.wanted"
if [ ! -f "$twin" ]; then
    echo "$twin: missing"
    exit 1
fi
"$@" -fsyntax-only "$twin"
