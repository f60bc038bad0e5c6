#!/usr/bin/env bash
# check-demo.sh BUILD: runs the demo twice and holds what it found against what was planted.
set -euo pipefail
build=$(cd "$1" && pwd)
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
compare=$build/test/demo/compare
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
faults=0

fault() {
    echo "fault: $*"
    faults=$((faults + 1))
}

# For each test of a demo the outcome of every item (digests) and the items that deviate (files).
read_items() {
    local demo=$1 test run
    mkdir "$demo/items"
    "$compare" runs "$demo/runs.json" >"$demo/runs"
    while read -r test run; do
        "$build/attest" -C "$demo/data" test items "$run" -o json | sha256sum |
            sed "s/-/$test/" >>"$demo/digests"
        "$build/attest" -C "$demo/data" test items "$run" --only deviations -o json \
            >"$demo/items/$test.json"
    done <"$demo/runs"
}

"$root/examples/demo.sh" "$build" "$scratch/one"

# ---- what was planted is found, and nothing else ----

read_items "$scratch/one"
[ "$(wc -l <"$scratch/one/runs")" = 38 ] || fault "not 38 tests were run"
"$compare" truth "$scratch/one/evidence/truth.json" "$scratch/one/runs.json" "$scratch/one/items" ||
    fault "the tests found something else than was planted"
# The comparison sees a difference.
sed 's/"chg-00412"/"chg-00416"/' "$scratch/one/evidence/truth.json" >"$scratch/false.json"
if "$compare" truth "$scratch/false.json" "$scratch/one/runs.json" "$scratch/one/items" >/dev/null; then
    fault "the comparison holds with another truth"
fi

# ---- what the demo leaves ----

for name in report.pdf report.html report.json report.zip evidence.zip readiness.pdf; do
    [ -s "$scratch/one/$name" ] || fault "no $name"
done
[ -d "$scratch/one/data" ] || fault "no data directory"
qpdf --check "$scratch/one/report.pdf" >/dev/null || fault "qpdf finds fault with report.pdf"
status=0
"$build/attest" verify "$scratch/one/altered.zip" >/dev/null || status=$?
[ "$status" = 1 ] || fault "the altered bundle: exit status $status, not 1"
"$build/attest" verify "$scratch/one/data" >/dev/null || fault "the data directory does not hold"
if pdftotext "$scratch/one/readiness.pdf" - | grep -qi 'independent service auditor.s report\|SPECIMEN'; then
    fault "the readiness report looks like an auditor's"
fi

# ---- a second time ----

"$root/examples/demo.sh" "$build" "$scratch/two" >/dev/null
read_items "$scratch/two"
for demo in one two; do
    (cd "$scratch/$demo/evidence" && gzip -dc logins.ndjson.gz | sha256sum && sha256sum ./*n ./*.csv) \
        >"$scratch/$demo/evidence-digests"
done
for name in digests evidence-digests; do
    diff "$scratch/one/$name" "$scratch/two/$name" || fault "a second time other $name"
done

[ "$faults" = 0 ] || exit 1
echo "38 tests found what was planted and nothing else, twice the same"
