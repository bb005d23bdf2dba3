# shellcheck shell=bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Packages of bookworm-backports, unpacked under build/deps: nothing of another suite gets onto the machine itself. They
# come from the mirror that its apt sources name for bookworm.

# is_unpacked PACKAGE
is_unpacked() { [ -d "build/deps/$1/usr" ]; }

# unpack_backport PACKAGE: into build/deps/PACKAGE, with lists and caches of its own, and there as a whole or not at all.
unpack_backport() {
    local package=$1 source work=$PWD/build/deps/apt options status=1
    if ! source=$(backports_source /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list); then
        say "$package comes from bookworm-backports, and no apt source here names a mirror of bookworm."
        return 1
    fi
    say "$package is not in this machine's suites; unpacking it under build/deps from: $source"
    rm -rf "$work" && mkdir -p "$work/lists/partial" "$work/archives/partial" && echo "$source" >"$work/sources.list" || return
    options=(-q -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$work/lists"
        -o "Dir::Cache=$work" -o "APT::Sandbox::User=$(id -un)" -o Acquire::Retries=3)
    if apt-get "${options[@]}" update && (cd "$work" && apt-get "${options[@]}" download "$package") &&
        dpkg-deb --extract "$work/${package}"_*.deb "$work/root"; then
        rm -rf "build/deps/$package" && mv "$work/root" "build/deps/$package" && status=0
    else
        say "$package could not be unpacked from there; install it by hand."
    fi
    rm -rf "$work"
    return "$status"
}

# backports_source FILE...: a one-line apt source for bookworm-backports, derived from the first entry for the suite
# bookworm in FILEs, which are *.sources (deb822) or one-line lists; fails when there is none.
backports_source() {
    local file line
    for file in "$@"; do
        [ -f "$file" ] || continue
        case $file in
        *.sources) line=$(backports_from_deb822 "$file") ;;
        *) line=$(backports_from_lines "$file") ;;
        esac
        if [ -n "$line" ]; then
            echo "$line"
            return 0
        fi
    done
    return 1
}

# deb [options] URI bookworm component... : the options (keyring, architecture) are kept.
backports_from_lines() {
    sed 's/#.*//' "$1" | sed -nE \
        's|^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+)[[:space:]]+bookworm[[:space:]]+([^[:space:]]+[[:space:]]+)*main([[:space:]].*)?$|deb \1\2 bookworm-backports main|p' |
        grep -v '[[:space:]]cdrom:' | head -n 1 || true
}

# A stanza of `Field: value` lines. A key written out inside the file cannot stand in a one-line source; the keyring of
# Debian's own package is the same key.
backports_from_deb822() {
    awk -v keyring=/usr/share/keyrings/debian-archive-keyring.gpg '
        function has(list, word) { return (" " list " ") ~ ("[ \t]" word "[ \t]") }
        function finish(options, uris) {
            if (!done && has(field["types"], "deb") && has(field["suites"], "bookworm") &&
                has(field["components"], "main") && tolower(field["enabled"]) != "no") {
                if ("signed-by" in field) options = "signed-by=" (field["signed-by"] ~ /^\// ? field["signed-by"] : keyring)
                if (tolower(field["trusted"]) == "yes") options = options (options == "" ? "" : " ") "trusted=yes"
                split(field["uris"], uris, /[ \t]+/)
                print "deb " (options == "" ? "" : "[" options "] ") uris[1] " bookworm-backports main"
                done = 1
            }
            split("", field)
            name = ""
        }
        /^[ \t]*$/ { finish(); next }
        /^#/ { next }
        /^[ \t]/ { if (name != "") field[name] = field[name] (field[name] == "" ? "" : " ") trim($0); next }
        { name = tolower($0); sub(/:.*/, "", name); value = $0; sub(/^[^:]*:/, "", value); field[name] = trim(value) }
        function trim(text) { sub(/^[ \t]+/, "", text); sub(/[ \t]+$/, "", text); return text }
        END { finish() }' "$1"
}
