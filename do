#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# The one door: ./do help says what there is. Every command installs what is missing on Debian 12 first.
set -euo pipefail
[ -z "${UNLOOP_MODEL:-}" ] || UNLOOP_MODEL=$(realpath -m "$UNLOOP_MODEL")  # a path from where the user stands
cd "$(dirname "$(readlink -f "$0")")"

no_install=no
bench_results=build/bench
say() { printf 'unloop: %s\n' "$*" >&2; }

# shellcheck source=cmake/setup/backports.bash
. cmake/setup/backports.bash
# shellcheck source=cmake/setup/model.bash
. cmake/setup/model.bash
# shellcheck source=cmake/setup/packages.bash
. cmake/setup/packages.bash

help() {
    cat <<'END'
./do test [ARGUMENTS]    builds everything with GCC, checks it with Clang 16, runs all tests (ARGUMENTS go to ctest)
./do demo [ARGUMENTS]    builds the tool and runs `unloop demo` on a real model
./do build               builds the tool: build/release/bin/unloop
./do bench [ARGUMENTS]   builds and runs the benchmarks (ARGUMENTS go to each), then measures the headers;
                         what was measured is kept as JSON in build/bench
./do bench FOLDER ...    only those of benchmarks/FOLDER: kernels, run, compile, ...
./do bench line          the demo's stages by the clock, then its act 1 for seeds 1 to 10: some 20 minutes (or: ./do bench
                         line --seeds N)
./do docs                checks the links and the quoted code of the documentation
./do format              formats every C++ file with clang-format 16
./do setup               installs what is missing, fetches the real model, and stops
./do help                this text

--no-install             installs and fetches nothing: says what is missing, stops if it is required
UNLOOP_MODEL=FILE        uses this GGUF file instead of fetching SmolLM2-135M-Instruct
END
}

# stage NAME COMMAND...: runs COMMAND and says how long it took.
stage() {
    local name=$1 start=$SECONDS
    shift
    say "$name ..."
    "$@"
    say "$name: $((SECONDS - start)) s"
}

# build_preset PRESET [TARGET]: configures and builds; `release` learns where the real model is.
build_preset() {
    cmake --preset "$1" -DUNLOOP_MODEL="${UNLOOP_MODEL:-}"
    cmake --build --preset "$1" --parallel "$(nproc)" ${2:+--target "$2"}
}

model_or_a_word() {
    provide_model || { unset UNLOOP_MODEL && say "Tests tagged [real] will be skipped: there is no real model."; }
}

# A second compiler: every header alone, the law tests, two examples.
check_with_clang() {
    if ! command -v clang++-16 >/dev/null 2>&1; then
        say "clang-16 is not installed: nothing was checked with a second compiler."
        return
    fi
    build_preset clang
    if ! ctest --test-dir build/clang --parallel "$(nproc)" --quiet --output-log build/clang/ctest.log \
        --output-on-failure; then
        cat build/clang/ctest.log
        say "Tests built with clang-16 fail."
        return 1
    fi
}

run_test() {
    stage "Set-up" provide_packages
    stage "Model" model_or_a_word
    stage "Build (GCC)" build_preset release
    stage "Check (Clang 16)" check_with_clang
    ctest --test-dir build/release --parallel "$(nproc)" --output-on-failure "$@"
}

run_build() {
    stage "Set-up" provide_packages
    stage "Build" build_preset release unloop_tool
    say "The tool: build/release/bin/unloop"
}

run_demo() {
    stage "Set-up" provide_packages
    stage "Model" provide_model
    stage "Build" build_preset release unloop_tool
    exec build/release/bin/unloop demo --model "$UNLOOP_MODEL" "$@"
}

# bench_program PROGRAM ARGUMENTS...: what it measured is kept as JSON, unless ARGUMENTS say where else. Programs that
# only print keep none.
bench_program() {
    local program=$1 name=${1##*/bench_} kept
    shift
    kept=$bench_results/$name.json
    say "bench_$name"
    if [[ " $* " == *" --benchmark_out="* ]]; then
        "$program" "$@"
        return
    fi
    mkdir -p "$bench_results"
    rm -f "$kept"
    "$program" --benchmark_out="$kept" --benchmark_out_format=json "$@"
    [ ! -s "$kept" ] || say "Kept as JSON: $kept"
}

# The whole line as a measurement: the time of its stages, then which planted neurons are found, ten seeds in order;
# or what the demo's arguments say.
bench_line() {
    stage "Model" provide_model
    stage "Build" build_preset release
    if [ "$#" -eq 0 ]; then
        bench_program build/release/benchmarks/bench_line_stages
        set -- --seeds 10 --folder build/line
    fi
    exec build/release/bin/unloop demo --model "$UNLOOP_MODEL" "$@"
}

# bench_programs FOLDER ARGUMENTS...: every program of benchmarks/FOLDER, of all folders when it is empty.
bench_programs() {
    local folder=$1 program
    shift
    stage "Model" model_or_a_word
    stage "Build" build_preset release
    for program in build/release/benchmarks/bench_"${folder:+${folder}_}"*; do
        [ -x "$program" ] || continue
        bench_program "$program" "$@"
    done
}

bench_headers() {
    mkdir -p "$bench_results"
    benchmarks/compile/umbrellas.bash . --out "$bench_results/compile_umbrellas.json" "$@"
}

run_bench() {
    local part=
    if [ "${1:-}" = line ] || [ -d "benchmarks/${1:-.nothing}" ]; then
        part=$1
        shift
    fi
    stage "Set-up" provide_packages
    case $part in
    line) bench_line "$@" ;;
    compile) bench_headers "$@" ;;
    '')
        bench_programs "" "$@"
        stage "Headers" bench_headers
        say "./do bench line also runs act 1 of the demo for ten seeds."
        ;;
    *) bench_programs "$part" "$@" ;;
    esac
}

run_setup() {
    stage "Set-up" provide_packages
    stage "Model" provide_model
}

run_format() {
    provide_packages
    sh cmake/checks/check_format.sh . --fix
}

command=help
arguments=()
for argument in "$@"; do
    if [ "$argument" = --no-install ]; then no_install=yes; else arguments+=("$argument"); fi
done
[ "${#arguments[@]}" -eq 0 ] || command=${arguments[0]}
arguments=("${arguments[@]:1}")

case $command in
help | --help | -h) help ;;
test | demo | build | bench | setup | format) "run_$command" "${arguments[@]}" ;;
docs) sh cmake/checks/check_docs.sh . ;;
*)
    say "There is no command '$command'."
    help
    exit 2
    ;;
esac
