#!/usr/bin/env bash
# check-program.sh ATTEST_VERIFY BUNDLE...: the program as people and scripts call it, on good
# bundles: exit statuses, forms of the answer, and bundles that other tools packed again.
set -euo pipefail
program=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

# status WANTED WHAT COMMAND...
status() {
    local wanted=$1 what=$2 got=0
    shift 2
    "$@" >"$work/out" 2>"$work/err" || got=$?
    if [ "$got" != "$wanted" ]; then
        echo "$what: exit $got, expected $wanted"
        cat "$work/out" "$work/err"
        faults=1
    fi
}
says() { # says FILE TEXT: the last command's out or err
    grep -qF -- "$2" "$work/$1" || {
        echo "does not say \"$2\" on std$1:"
        cat "$work/$1"
        faults=1
    }
}

# Offline and small: neither a database engine nor a store.
if ldd "$program" | grep -Ei 'duckdb|sqlite|git2|cairo|pango|qpdf'; then
    echo "$program is linked with more than it may be"
    faults=1
fi

status 2 "no file" "$program"
says err "which file?"
status 2 "two files" "$program" a b
status 2 "unknown option" "$program" --frobnicate
status 2 "option without value" "$program" "$1" --key
status 2 "no key" "$program" "$1" --key nonsense
says err "no verifier key"
status 2 "no such form" "$program" "$1" -o xml
status 3 "no such file" "$program" "$work/none.zip"
says err "none.zip"
status 3 "a folder" "$program" "$work"
status 3 "no such signers" "$program" "$1" --signers "$work/none"
status 0 "help" "$program" --help
says out "--since FILE"
status 0 "version" "$program" --version
says out "attest-verify "
: >"$work/empty.zip"
status 1 "an empty file" "$program" "$work/empty.zip"
says out "FAILED at bundle.form"
echo "not a ZIP file but a text of some length" >"$work/text.zip"
status 1 "a text" "$program" "$work/text.zip" -o json
says out '{"ok":false,"checks":['

for bundle; do
    status 0 "$bundle" "$program" "$bundle"
    says out "OK  "
    status 0 "$bundle as JSON" "$program" "$bundle" -o json
    says out '{"ok":true,"checks":['
    says out '"id":"witness","state":"not-made"'
    status 0 "$bundle after itself" "$program" "$bundle" --since "$bundle"
    key=$(python3 -c 'import json, sys, zipfile
print(json.loads(zipfile.ZipFile(sys.argv[1]).read("bundle.json"))["vkey"])' "$bundle")
    status 0 "$bundle with its key" "$program" "$bundle" --key "$key"
    status 1 "$bundle with another key" "$program" "$bundle" \
        --key 'audit.example/ledger+73bd364a+AeYVPzmgneQ/+LAyGRtQzRWPj7hXXDitTqGntSfw1On7'
    says out "FAILED at key.pinned"

    # Packed again by another tool: stored, deflated, in another order; then with one bit changed.
    python3 - "$bundle" "$work" <<'P'
import random, sys, zipfile
source, work = sys.argv[1:]
z = zipfile.ZipFile(source)
every = z.infolist()
data = {i.filename: z.read(i) for i in every}
for name, method in (('stored', zipfile.ZIP_STORED), ('deflated', zipfile.ZIP_DEFLATED)):
    with zipfile.ZipFile(f'{work}/{name}.zip', 'w', method) as out:
        for i in reversed(every):
            out.writestr(i.filename, data[i.filename])
with zipfile.ZipFile(f'{work}/same.zip', 'w') as out:
    for i in every:
        out.writestr(i, data[i.filename])
rnd = random.Random(20261124)
for k in range(25):
    altered = rnd.choice([i for i in every if i.file_size])
    with zipfile.ZipFile(f'{work}/altered-{k}.zip', 'w') as out:
        for i in every:
            content = bytearray(data[i.filename])
            if i is altered:
                content[rnd.randrange(len(content))] ^= 1 << rnd.randrange(8)
            out.writestr(i, bytes(content))
P
    for again in stored deflated same; do
        status 0 "$bundle, packed again ($again)" "$program" "$work/$again.zip"
    done
    for k in $(seq 0 24); do
        status 1 "$bundle, altered ($k)" "$program" "$work/altered-$k.zip"
    done
done
exit $faults
