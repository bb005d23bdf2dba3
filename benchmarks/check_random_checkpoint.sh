#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# random_checkpoint writes folders that open as the sizes they are named for, whole or with fewer layers. Weights are
# holes here: whole, the smallest of these checkpoints takes some ten gigabytes.
# Usage: check_random_checkpoint.sh RANDOM_CHECKPOINT TOOL WORK
set -euo pipefail
writer=$1 tool=$2 work=$3
rm -rf "$work" && mkdir -p "$work"
status=0

# opens AS ARGUMENTS...: what the tool says of the layers of a checkpoint begins with AS.
opens() {
    local wanted=$1 said
    shift
    "$writer" "$1" "$work/checkpoint" --zeros "${@:2}"
    said=$("$tool" inspect "$work/checkpoint" | sed -n 's/^layers  *//p')
    rm -rf "$work/checkpoint"
    [[ $said == "$wanted"* ]] && return
    echo "$*: wanted '$wanted', got '$said'"
    status=1
}

# refuses CODE ARGUMENTS...: ends with CODE and writes nothing.
refuses() {
    local wanted=$1 code=0
    shift
    "$writer" "$@" 2>"$work/said" || code=$?
    [ "$code" = "$wanted" ] && [ -s "$work/said" ] && [ ! -e "$work/checkpoint" ] && return
    echo "$*: wanted exit code $wanted and a word, got $code: $(cat "$work/said")"
    status=1
}

opens '35 x 6144 to 12288 neurons' E2B
opens '42 x 10240 neurons' E4B
opens '48 x 15360 neurons' 12B
opens '60 x 21504 neurons' 31B
opens '30 x 2112 neurons' 26B-A4B
opens '6 x 2112 neurons' 26B-A4B --layers 6
refuses 3 26B-A4B "$work/checkpoint" --layers 5 # ends with layers that have a window
refuses 3 26B-A4B "$work/checkpoint" --layers 36
refuses 3 E2B "$work/checkpoint" --layers 30 # layers share keys
refuses 3 3B "$work/checkpoint"
refuses 2 26B-A4B "$work/checkpoint" --layers six
refuses 2 26B-A4B
exit "$status"
