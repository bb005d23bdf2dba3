#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# A package of backports is unpacked under build/deps as a whole or not at all, and the machine's apt learns of nothing.
# Usage: unpack_backport.sh ROOT WORK (exit code 77: this is no Debian)
set -euo pipefail
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || exit 77
root=$1
rm -rf "$2" && mkdir -p "$2" && cd "$2"
# shellcheck source=/dev/null
source "$root/cmake/setup/backports.bash"
said=()
say() { said+=("$*"); }
# A mirror of a single package, in this folder.
backports_source() { echo "deb [trusted=yes] file:${PWD// /%20}/mirror bookworm-backports main"; }

fail() {
    echo "$*; said: ${said[*]}"
    exit 1
}

# publish NAME: a package that holds one file.
publish() {
    local architecture deb index
    architecture=$(dpkg --print-architecture)
    deb=$1_1.0_$architecture.deb
    index=mirror/dists/bookworm-backports/main/binary-$architecture
    mkdir -p package/DEBIAN package/usr/lib "$index"
    printf 'Package: %s\nVersion: 1.0\nArchitecture: %s\nMaintainer: nobody\nDescription: a test\n' "$1" "$architecture" \
        >package/DEBIAN/control
    echo kept >"package/usr/lib/$1.txt"
    dpkg-deb --build --root-owner-group package "mirror/$deb" >/dev/null
    {
        cat package/DEBIAN/control
        printf 'Filename: %s\nSize: %s\nSHA256: %s\n' "$deb" "$(stat -c %s "mirror/$deb")" \
            "$(sha256sum "mirror/$deb" | cut -d ' ' -f 1)"
    } >"$index/Packages"
    printf 'Suite: bookworm-backports\nCodename: bookworm-backports\nSHA256:\n %s %s main/binary-%s/Packages\n' \
        "$(sha256sum "$index/Packages" | cut -d ' ' -f 1)" "$(stat -c %s "$index/Packages")" "$architecture" \
        >mirror/dists/bookworm-backports/Release
}

# folders that unpacking may leave behind
left() { find build/deps -mindepth 1 -maxdepth 1 -printf '%f '; }

publish unloop-test-package
! is_unpacked unloop-test-package || fail "unpacked before it was"
unpack_backport unloop-test-package >log 2>&1 || fail "not unpacked: $(cat log)"
is_unpacked unloop-test-package || fail "unpacked, and not known to be"
[ "$(cat build/deps/unloop-test-package/usr/lib/unloop-test-package.txt)" = kept ] || fail "another file was unpacked"
[ "$(left)" = "unloop-test-package " ] || fail "left behind: $(left)"

if unpack_backport unloop-no-package >log 2>&1; then fail "unpacked what the mirror does not have"; fi
[[ "${said[*]}" == *"unloop-no-package could not be unpacked"* ]] || fail "no word about it"
[ "$(left)" = "unloop-test-package " ] || fail "left behind: $(left)"

echo broken >"mirror/$(cd mirror && echo ./*.deb)"
if unpack_backport unloop-test-package >log 2>&1; then fail "unpacked a damaged file"; fi
is_unpacked unloop-test-package || fail "what was there before is gone"

backports_source() { return 1; }
if unpack_backport unloop-test-package >log 2>&1; then fail "unpacked from nowhere"; fi
[[ "${said[*]}" == *"no apt source here names a mirror"* ]] || fail "no word about the missing mirror"
