#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Tokens a second of unloop and of other software on the same file, with the same number of threads, in turn: so many
# times each, for a machine that others use is slower in one minute than in the next. Then medians, and their ratios.
# Usage: peers.bash MODEL.gguf [TIMES [ROWS...]]    three times, 1 4 16 32 64 rows and a prompt of 512 tokens
# PYTHON is the interpreter that has the peers (python3): llama_cpp, or torch and transformers; one that is missing is
# left out. BENCH is bench_run_model (build/release/benchmarks/bench_run_model), UNLOOP_THREADS the threads (all cores).
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
model=${1:?usage: peers.bash MODEL.gguf [TIMES [ROWS...]]}
times=${2:-3}
rows=("${@:3}")
[ "${#rows[@]}" -gt 0 ] || rows=(1 4 16 32 64)
python=${PYTHON:-python3}
bench=${BENCH:-$here/../../build/release/benchmarks/bench_run_model}
threads=${UNLOOP_THREADS:-$(nproc)}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

say() { printf 'peers: %s\n' "$*" >&2; }
if [ ! -r "$model" ] || [ ! -x "$bench" ]; then
    say "needs $model, and $bench (cmake --build --preset release --target bench_run_model)"
    exit 1
fi

# has MODULE...: whether the interpreter finds all of them.
has() { "$python" -c 'import sys, importlib.util as u; sys.exit(any(not u.find_spec(m) for m in sys.argv[1:]))' "$@"; }

peers=()
if has llama_cpp; then peers+=(llama_cpp); else say "$python has no llama_cpp"; fi
if has torch transformers gguf; then peers+=(transformers); else say "$python lacks torch, transformers or gguf"; fi

# run_unloop TIME: keeps its JSON.
run_unloop() {
    local counts
    counts=$(IFS='|' && echo "${rows[*]}")
    UNLOOP_MODEL=$model UNLOOP_THREADS=$threads "$bench" --benchmark_format=json \
        --benchmark_filter="^decode/rows/context/($counts)/64/|^prompt/tokens/512/" >"$results/unloop.$1"
}

# run_peer NAME TIME: keeps its lines; what else it says is shown when it fails.
run_peer() {
    if ! "$python" "$here/$1_peer.py" "$model" "$threads" "${rows[@]}" >"$results/$1.$2" 2>"$results/said"; then
        cat "$results/said" >&2
        return 1
    fi
}

for ((time = 1; time <= times; ++time)); do
    say "$time of $times: unloop"
    run_unloop "$time"
    for peer in "${peers[@]}"; do
        say "$time of $times: $peer"
        run_peer "$peer" "$time"
    done
done

echo "tokens/s, $threads threads, $(basename "$model"), $(date -u +%Y-%m-%d), load $(cut -d ' ' -f 1-3 /proc/loadavg)"
"$python" - "$results" "${peers[@]}" <<'END'
import json
import pathlib
import re
import statistics
import sys

folder, programs = pathlib.Path(sys.argv[1]), ["unloop", *sys.argv[2:]]


def of_unloop(text):
    for run in json.loads(text)["benchmarks"]:
        kind, number = re.match(r"(decode|prompt)/[a-z/]+/(\d+)", run["name"]).groups()
        yield (f"{number} rows" if kind == "decode" else f"prompt of {number}"), run["tokens/s"]


def of_peer(text):
    for what, speed in re.findall(r"^(?:decode +)?(\d+ rows|prompt of \d+): +([\d.]+) tokens/s", text, re.M):
        yield what, float(speed)


told = {}  # what was run -> program -> tokens a second, once for each time
for program in programs:
    for path in sorted(folder.glob(program + ".*"), key=lambda path: int(path.suffix[1:])):
        for what, speed in (of_unloop if program == "unloop" else of_peer)(path.read_text()):
            told.setdefault(what, {}).setdefault(program, []).append(speed)
print(f"{'':14} {'program':14} {'median':>8} {'unloop / it':>12}   each time")
for what, speeds in told.items():
    own = statistics.median(speeds["unloop"])
    for program, values in speeds.items():
        median = statistics.median(values)
        ratio = "" if program == "unloop" else f"{own / median:.2f}"
        print(f"{what:14} {program:14} {median:8.1f} {ratio:>12}   " + " ".join(f"{value:.1f}" for value in values))
END
