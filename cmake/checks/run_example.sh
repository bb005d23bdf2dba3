#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM with ARGUMENTS (a shell fragment, redirections allowed, files go to "$scratch"); what it prints must equal
# EXPECTED if that exists.
# Usage: run_example.sh PROGRAM EXPECTED ARGUMENTS
set -u
# shellcheck disable=SC2034  # eval uses it
program=$1 expected=$2 arguments=$3
exec </dev/null
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ ! -f "$expected" ]; then
    eval '"$program" '"$arguments"
    exit
fi
printed=$scratch/printed
eval '"$program" '"$arguments" >"$printed"
status=$?
[ "$status" -eq 0 ] || exit "$status"
diff -u "$expected" "$printed"
