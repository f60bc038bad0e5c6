#!/usr/bin/env bash
# check-layers.sh [ROOT]: every file under ROOT/src includes only from its own folder or a lower
# one. ROOT/test/layers.txt has the folders, high to low; a folder that is not there is a fault,
# and so is an include that does not name its folder. Exit 1 with one line a fault.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

faults=0
for folder in src/*/; do
    if ! grep -qx "$(basename "$folder")" test/layers.txt; then
        echo "$folder is not in test/layers.txt"
        faults=1
    fi
done

find src -name '*.[ch]' -print0 | sort -z | xargs -0 awk '
    BEGIN {
        while ((getline folder < "test/layers.txt") > 0)
            rank[folder] = ++layers
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split(FILENAME, from, "/")
        split($0, quoted, "\"")
        split(quoted[2], to, "/")
        if (!(to[1] in rank))
            why = "does not begin with a folder of src/"
        else if (rank[to[1]] < rank[from[2]])
            why = to[1] " is above " from[2]
        else
            next
        printf "%s:%d: \"%s\": %s\n", FILENAME, FNR, quoted[2], why
        faults++
    }
    END { exit faults > 0 }
' || faults=1
exit $faults
