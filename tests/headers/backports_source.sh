#!/usr/bin/env bash
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# The address of backports is derived from the apt sources at hand, whichever of the two formats they have.
# Usage: backports_source.sh ROOT WORK
set -euo pipefail
root=$1
rm -rf "$2" && mkdir -p "$2" && cd "$2"
# shellcheck source=/dev/null
source "$root/cmake/setup/backports.bash"
status=0

# derives WANTED FILE...: backports_source of the files says WANTED (- for nothing).
derives() {
    local wanted=$1 said
    shift
    said=$(backports_source "$@") || said=-
    [ "$said" = "$wanted" ] && return
    echo "from $*: wanted '$wanted', got '$said'"
    status=1
}

cat >debian.sources <<'END'
Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
derives 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm-backports main' \
    debian.sources

cat >cloud.sources <<'END'

Types: deb-src
URIs: https://source.example.org/debian
Suites: bookworm
Components: main

Types: deb
Enabled: no
URIs: https://off.example.org/debian
Suites: bookworm
Components: main

types: deb deb-src
URIs: mirror+file:///etc/apt/mirrors/debian.list
Suites:
 bookworm
 bookworm-updates
Components: contrib main
END
derives 'deb mirror+file:///etc/apt/mirrors/debian.list bookworm-backports main' cloud.sources

cat >embedded.sources <<'END'
Types: deb
URIs: https://mirror.example.org/debian/ https://other.example.org/debian/
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
END
derives 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://mirror.example.org/debian/ bookworm-backports main' \
    embedded.sources

cat >sources.list <<'END'
# deb http://commented.example.org/debian bookworm main
deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_ - Official amd64 NETINST]/ bookworm main
deb-src http://source.example.org/debian bookworm main
deb http://security.debian.org/debian-security bookworm-security main
deb [arch=amd64 signed-by=/etc/apt/k.gpg]  http://ftp.de.debian.org/debian/ bookworm contrib main non-free-firmware
END
derives 'deb [arch=amd64 signed-by=/etc/apt/k.gpg]  http://ftp.de.debian.org/debian/ bookworm-backports main' sources.list

echo 'deb http://plain.example.org/debian	bookworm main # the mirror next door' >plain.list
derives 'deb http://plain.example.org/debian bookworm-backports main' missing.list plain.list debian.sources

echo 'deb http://deb.debian.org/debian trixie main' >trixie.list
derives - trixie.list

[ "$status" -ne 0 ] || echo "setup: the address of backports is derived from both formats"
exit "$status"
