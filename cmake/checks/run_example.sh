#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM with ARGUMENTS (a shell fragment, redirections allowed); what it prints must equal EXPECTED if that exists.
# Usage: run_example.sh PROGRAM EXPECTED ARGUMENTS
set -u
# shellcheck disable=SC2034  # eval uses it
program=$1 expected=$2 arguments=$3
exec </dev/null
if [ ! -f "$expected" ]; then
    eval '"$program" '"$arguments"
    exit
fi
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
eval '"$program" '"$arguments" >"$printed"
status=$?
[ "$status" -eq 0 ] || exit "$status"
diff -u "$expected" "$printed"
