#!/bin/sh
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
# Each check of the tree passes on a small sound tree, and fails with its own words on a tree with one fault.
# Usage: checks_can_fail.sh ROOT WORK COMPILER
set -eu
checks=$1/cmake/checks work=$2 compiler=$3
status=0

# header PATH LINE...: a header of the sample tree with these lines.
header() {
    file=$work/include/unloop/$1
    shift
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$@" >"$file"
}

fresh_tree() {
    rm -rf "$work"
    mkdir -p "$work/docs"
    header core/ids.hpp '#include <cstdint>  // uint64_t'
    header core/error.hpp '#include <string>  // the message'
    header core.hpp '#include <unloop/core/error.hpp>' '#include <unloop/core/ids.hpp>'
    header kernels/dot.hpp '#include <unloop/core/ids.hpp>'
    header kernels.hpp '#include <unloop/kernels/dot.hpp>'
    header backend/fast.hpp '#include <hwy/highway.h>' '#include <unloop/kernels/dot.hpp>'
    header io/plan_json.hpp '#include <boost/json.hpp>'
    header generate/record.hpp '#include <unloop/core/ids.hpp>'
    header generate.hpp '#include <unloop/generate/record.hpp>'
    header unloop.hpp '#include <unloop/core.hpp>' '#include <unloop/generate.hpp>' '#include <unloop/kernels.hpp>'
    printf '%s\n' 'add_compile_options(-Wall)' >"$work/CMakeLists.txt"
    printf '%s\n' 'int one() {' '    // [part]' '    return 1;' '    // [/part]' '}' >"$work/sample.cpp"
    page 'return 1;'
    printf '%s\n' '// expect: must be one' 'int main() { static_assert(1 == 2, "it must be one"); }' >"$work/case.cpp"
    printf '%s\n' 'int main() { static_assert(1 == 1, "it must be one"); }' >"$work/case.twin.cpp"
}

# page LINE: the sample page, which quotes LINE.
page() {
    printf '%s\n' '[code](../sample.cpp)' '' '<!-- file: sample.cpp#part -->' '```cpp' "$1" '```' >"$work/docs/page.md"
}

run_check() {
    case $1 in
    compile_fail) sh "$checks/check_compile_fail.sh" "$work/case.cpp" "$compiler" -std=c++20 ;;
    *) sh "$checks/check_$1.sh" "$work" ;;
    esac
}

# passes CHECK: on the tree as it is.
passes() {
    if ! said=$(run_check "$1" 2>&1); then
        echo "$1 fails on a sound tree: $said"
        status=1
    fi
}

# fails CHECK TEXT: on the tree as it is, saying TEXT; then mends the tree.
fails() {
    if said=$(run_check "$1" 2>&1); then
        echo "$1 passes on a tree that should make it say: $2"
        status=1
    elif ! printf '%s\n' "$said" | grep -qF -- "$2"; then
        echo "$1 does not say '$2' but: $said"
        status=1
    fi
    fresh_tree
}

fresh_tree
for check in floors umbrellas flags docs compile_fail; do passes "$check"; done

header core/ids.hpp '#include <unloop/kernels/dot.hpp>'
fails floors 'the room core (floor 0) includes kernels (floor 2)'
header kernels.hpp '  #  include <unloop/generate/record.hpp>'
fails floors 'the room kernels (floor 2) includes generate (floor 6)'
header tensor/view.hpp '#include <unloop/parallel/serial.hpp>'
fails floors 'the room tensor (floor 1) includes parallel (floor 1)'
header blocks/mlp.hpp '#include <unloop/backend/fast.hpp>'
fails floors 'only programs include a backend'
header backend/fast.hpp '#include <unloop/parallel/serial.hpp>'
fails floors 'a backend knows no threads'
header backend/fast.hpp '#include <unloop/blocks/mlp.hpp>'
fails floors 'the room backend (floor 2) includes blocks (floor 3)'
header generate/run.hpp '#include <unloop/detect/loop.hpp>'
fails floors 'the room generate (floor 6) includes detect (floor 7)'
header generate/sampler.hpp '#include <unloop/model/config.hpp>'
header generate/record.hpp '#include <unloop/generate/sampler.hpp>'
fails floors 'unloop/generate/record.hpp: reaches unloop/model/config.hpp'
header detect/loop.hpp '#include <unloop/tensor/view.hpp>'
fails floors 'a detector includes core and generate/record.hpp only'
header core/ids.hpp '#include <unloop/unloop.hpp>'
fails floors 'no header may include the umbrella of everything'
header core/ids.hpp '#include "error.hpp"'
fails floors 'own includes are written <unloop/room/name.hpp>'
header kernels/dot.hpp '#include <regex>'
fails floors '<regex> is too heavy for a header'
header kernels/dot.hpp '#include <fstream>'
fails floors '<fstream> belongs in the rooms io and report only'
header cellar/dark.hpp '// nothing'
fails floors 'unknown room: cellar'

header core/random.hpp ''
fails umbrellas 'core.hpp: does not list: core/random.hpp'
header core.hpp '#include <unloop/core/ids.hpp>' '#include <unloop/core/error.hpp>'
fails umbrellas 'core.hpp: is not sorted'
header generate.hpp '#include <unloop/generate/record.hpp>' '#include <unloop/io/plan_json.hpp>'
fails umbrellas 'generate.hpp: lists too much: io/plan_json.hpp'
header io/gguf.hpp ''
fails umbrellas 'io.hpp: missing, the room has headers'
header backend.hpp ''
fails umbrellas 'a wing has no umbrella'
header unloop.hpp '#include <unloop/core.hpp>' '#include <unloop/kernels.hpp>'
fails umbrellas 'unloop.hpp: does not list: generate.hpp'
rm "$work/include/unloop/unloop.hpp"
fails umbrellas 'unloop.hpp: missing'
header generate/record.hpp '#include <unloop/io/plan_json.hpp>'
fails umbrellas 'an umbrella reaches the foreign libraries above'

# shellcheck disable=SC2016  # CMake's own variables
for line in 'add_compile_options(-@arch=native)' 'set(CMAKE_CXX_FLAGS "-O2 -@avx2")' 'x(${p}=-@fma)' 'x($<1:-@bmi>)'; do
    printf '%s\n' "$line" | tr @ m >>"$work/CMakeLists.txt"
    fails flags 'passes an instruction-set flag'
done

page 'return 2;'
fails docs 'the quoted block differs from sample.cpp'
sed -i 's/#part/#gone/' "$work/docs/page.md"
fails docs 'sample.cpp has no part [gone]'
sed -i 's/sample.cpp#part/gone.cpp/' "$work/docs/page.md"
fails docs 'the quoted file gone.cpp does not exist'
sed -i 's/(..\/sample.cpp)/(nowhere.md)/' "$work/docs/page.md"
fails docs 'the link nowhere.md leads nowhere'
printf '%s\n' '<!-- file: sample.cpp -->' 'prose' >"$work/docs/page.md"
fails docs 'no code block follows the comment'
sed -i 's/^```$/```cpp/' "$work/docs/page.md"
fails docs 'docs/page.md:6: this fence of a code block has no partner'
sed -i '$d' "$work/docs/page.md"
fails docs 'docs/page.md:4: this fence of a code block has no partner'

cp "$work/case.twin.cpp" "$work/case.cpp"
fails compile_fail 'compiles, and must not'
printf '%s\n' '// expect: must be two' 'int main() { static_assert(1 == 2, "it must be one"); }' >"$work/case.cpp"
fails compile_fail 'the compiler did not say: must be two'
sed -i 1d "$work/case.cpp"
fails compile_fail 'has no line // expect: TEXT'
rm "$work/case.twin.cpp"
fails compile_fail 'missing'
printf '%s\n' 'int main() { return nothing; }' >"$work/case.twin.cpp"
fails compile_fail 'nothing'

if command -v clang-format-16 >/dev/null 2>&1; then
    printf '%s\n' 'BasedOnStyle: Google' >"$work/.clang-format"
    rm -r "$work/include" && header core/ids.hpp 'int  a;'
    fails format 'run ./do format'
fi

[ "$status" -ne 0 ] || echo "checks: each passes on a sound tree and fails on a broken one"
exit "$status"
