#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Pages do not go stale: fences of code come in pairs, relative links between Markdown files lead somewhere, and a
# fenced block that follows <!-- file: PATH --> or <!-- file: PATH#MARKER --> equals that file, or its lines between
# `// [MARKER]` and `// [/MARKER]` (`#` begins the marker lines of other languages), less their common indentation.
# Paths of snippets start at ROOT. A file's leading licence lines may be left out of a page.
# Usage: check_docs.sh ROOT
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

pages() {
    find . -maxdepth 1 -name '*.md'
    [ ! -d docs ] || find docs -name '*.md'
    [ ! -d examples ] || find examples -name '*.md'
    [ ! -d benchmarks ] || find benchmarks -name '*.md'
}

# fences PAGE: the lines of fences without a partner: one that no fence closes, and one with a language where a block is
# open already.
fences() {
    awk '!open && /^[ \t]*```/ { open = NR; next }
         /^[ \t]*```[ \t]*$/ { open = 0; next }
         /^[ \t]*```/ { print NR }
         END { if (open) print open }' "$1"
}

# links PAGE: "LINE TARGET" of every inline link outside code, anchors and the web left out.
links() {
    awk '/^[ \t]*```/ { code = !code; next }
         code { next }
         { line = $0; gsub(/`[^`]*`/, "", line)
           while (match(line, /\]\([^) ]+\)/)) {
               target = substr(line, RSTART + 2, RLENGTH - 3); line = substr(line, RSTART + RLENGTH)
               sub(/#.*/, "", target)
               if (target != "" && target !~ /^[a-z]+:/) print NR, target } }' "$1"
}

# snippets PAGE: writes $work/N.quoted, and prints "N LINE PATH MARKER" for each quoted block.
snippets() {
    awk -v work="$work" '
        /^[ \t]*<!-- file: [^ ]+ -->[ \t]*$/ { where = $3; line = NR; next }
        where != "" && !inside && /^[ \t]*```/ {
            inside = 1; count++; out = work "/" count ".quoted"; printf "" > out
            split(where, place, "#"); print count, line, place[1], (place[2] == "" ? "-" : place[2]); next }
        where != "" && !inside && /[^ \t]/ { print 0, line, where, "-"; where = "" }
        inside && /^[ \t]*```/ { inside = 0; where = ""; close(out); next }
        inside { print > out }' "$1"
}

# part PATH MARKER: the lines a page should quote, without their common indentation and without leading licence lines.
part() {
    awk -v marker="$2" '
        BEGIN { inside = marker == "-" }
        marker == "-" && NR <= 2 && /^(\/\/|#) (Copyright|SPDX-License)/ { next }
        marker != "-" && $0 ~ "^[ \t]*(//|#) \\[/" marker "\\][ \t]*$" { inside = 0 }
        inside { text[++count] = $0
                 if ($0 ~ /[^ \t]/) { match($0, /^ */); if (count == 1 || RLENGTH < indent) indent = RLENGTH } }
        marker != "-" && $0 ~ "^[ \t]*(//|#) \\[" marker "\\][ \t]*$" { inside = 1 }
        END { for (i = 1; i <= count; i++) print substr(text[i], indent + 1) }' "$1"
}

pages | sed 's|^\./||' | sort >"$work/pages"
links_count=0
snippets_count=0
while read -r page; do
    fences "$page" >"$work/fences"
    while read -r line; do
        echo "$page:$line: this fence of a code block has no partner"
        status=1
    done <"$work/fences"
    links "$page" >"$work/links"
    while read -r line target; do
        links_count=$((links_count + 1))
        [ -e "$(dirname "$page")/$target" ] && continue
        echo "$page:$line: the link $target leads nowhere"
        status=1
    done <"$work/links"
    snippets "$page" >"$work/snippets"
    while read -r number line file marker; do
        snippets_count=$((snippets_count + 1))
        if [ "$number" -eq 0 ]; then
            echo "$page:$line: no code block follows the comment that names $file"
            status=1
        elif [ ! -f "$file" ]; then
            echo "$page:$line: the quoted file $file does not exist"
            status=1
        else
            part "$file" "$marker" >"$work/part"
            if [ ! -s "$work/part" ]; then
                echo "$page:$line: $file has no part [$marker]"
                status=1
            elif ! diff -u "$work/part" "$work/$number.quoted" >"$work/difference"; then
                echo "$page:$line: the quoted block differs from $file"
                tail -n +3 "$work/difference"
                status=1
            fi
        fi
    done <"$work/snippets"
done <"$work/pages"
[ "$status" -ne 0 ] || echo "docs: $(wc -l <"$work/pages") pages, $links_count links and $snippets_count quoted blocks hold"
exit "$status"
