#!/usr/bin/env bash
# check-layers-self.sh: a check that never fails is none, so check-layers.sh is shown a small tree
# without a fault, and then the same tree with each fault it must find.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/check-layers.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

fail() {
    echo "$*"
    exit 1
}

# finds WHAT: the check fails and its output has WHAT.
finds() {
    local said
    if said=$("$check" "$tree"); then
        fail "not found: $1"
    fi
    grep -qF -- "$1" <<<"$said" || fail "expected \"$1\", got: $said"
}

mkdir -p "$tree"/src/{store,base} "$tree"/test
printf 'store\nbase\n' >"$tree/test/layers.txt"
printf '#include <stdio.h>\n#include "base/a.h"\n#include "store/s.h"\n' >"$tree/src/store/s.c"
printf '#include "base/a.h"\n' >"$tree/src/base/a.c"
"$check" "$tree" || fail "a tree without a fault was refused"

printf '# include "store/s.h"\n' >>"$tree/src/base/a.c"
finds 'src/base/a.c:2: "store/s.h": store is above base'
printf '#include "a.h"\n' >"$tree/src/base/a.c"
finds 'src/base/a.c:1: "a.h": does not begin'
printf '#include "../store/s.h"\n' >"$tree/src/base/a.c"
finds 'does not begin'
printf '#include "base/a.h"\n' >"$tree/src/base/a.c"
mkdir "$tree/src/server"
finds 'src/server/ is not in'
