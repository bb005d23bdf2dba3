# shellcheck shell=bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# The Debian 12 packages that building, testing and fetching the model need, and how they get onto the machine.

# What every command builds with.
required_packages=(g++ cmake ninja-build libhwy-dev libeigen3-dev libxtensor-dev libboost1.81-dev libboost-json1.81-dev
    libbenchmark-dev libcli11-dev libcatch2-dev)
# Without these a step is left out, with a word about it.
checking_packages=(clang-16 clang-format-16)
model_packages=(python3-pip unzip ca-certificates)

is_debian_12() {
    # shellcheck source=/dev/null
    [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ])
}

# missing_packages PACKAGE...: those that are neither installed nor unpacked here, one a line.
missing_packages() {
    local installed package
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p') || true
    for package in "$@"; do
        grep -qxF -- "$package" <<<"$installed" || is_unpacked "$package" || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        say "Installing needs root, and there is no sudo. As root, run: $*"
        return 1
    fi
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 "$@"; }

is_offered() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

install_required() {
    local package own=()
    for package in "$@"; do
        if [ "$package" = libcatch2-dev ] && ! is_offered libcatch2-dev; then
            unpack_backport libcatch2-dev || return
        else
            own+=("$package")
        fi
    done
    [ "${#own[@]}" -eq 0 ] || apt_get install --no-install-recommends "${own[@]}"
}

say_left_out() { [ "$#" -eq 0 ] || say "Not installed, steps will be left out: $*"; }

# One at a time: apt installs nothing at all when it does not know one of them.
install_optional() {
    local package left_out=()
    for package in "$@"; do
        apt_get install --no-install-recommends "$package" || left_out+=("$package")
    done
    say_left_out "${left_out[@]}"
}

# probes: "PACKAGE COMMAND" of each piece, for systems whose packages have other names.
probes() {
    local header=(g++ -std=c++20 -x c++ -fsyntax-only -include)
    cat <<END
g++ command -v g++
cmake command -v cmake
ninja-build command -v ninja
libhwy-dev ${header[*]} hwy/highway.h /dev/null
libboost-json1.81-dev ${header[*]} boost/json.hpp /dev/null
libcli11-dev ${header[*]} CLI/CLI.hpp /dev/null
libcatch2-dev ${header[*]} catch2/catch_test_macros.hpp /dev/null
END
}

report_elsewhere() {
    local package command missing=()
    while read -r package command; do
        bash -c "$command" >/dev/null 2>&1 || missing+=("$package")
    done < <(probes)
    say "This is not Debian 12, so nothing is installed here."
    if [ "${#missing[@]}" -gt 0 ]; then
        say "Missing, by their names in Debian: ${missing[*]} (at least CMake 3.25, GCC 12, Boost 1.81, Catch2 3)"
        return 1
    fi
}

# may_install PACKAGE...: whether they are to be installed, and apt has its lists.
may_install() {
    # shellcheck disable=SC2154  # set by ./do
    [ "$no_install" != yes ] || return 1
    say "Installing: $*"
    apt_get update
}

# provide_packages: installs what is missing (with no_install set: only says so); fails when something required stays
# missing.
provide_packages() {
    local required=() optional=()
    if ! is_debian_12; then
        report_elsewhere
        return
    fi
    mapfile -t required < <(missing_packages "${required_packages[@]}")
    mapfile -t optional < <(missing_packages "${checking_packages[@]}")
    if ! has_model; then
        local package
        while read -r package; do
            [ "$package" = python3-pip ] && python3 -m pip --version >/dev/null 2>&1 || optional+=("$package")
        done < <(missing_packages "${model_packages[@]}")
    fi
    if [ "${#required[@]}" -eq 0 ] && [ "${#optional[@]}" -eq 0 ]; then
        say "All packages are installed."
        return
    fi
    if ! may_install "${required[@]}" "${optional[@]}"; then
        say_left_out "${optional[@]}"
        [ "${#required[@]}" -eq 0 ] && return
        say "Not installed, and required: ${required[*]}"
        return 1
    fi
    install_required "${required[@]}" || return
    install_optional "${optional[@]}"
}
