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
"$build/attest" -C "$scratch/one/data" report engagement/soc2-2026 --format oscal \
    --out "$scratch/report.oscal" 2>>"$scratch/said"
python3 "$root/test/report/check_oscal.py" "$scratch/one/report.json" "$scratch/report.oscal" ||
    fault "the report as OSCAL"
if pdftotext "$scratch/one/readiness.pdf" - | grep -qi 'independent service auditor.s report\|SPECIMEN'; then
    fault "the readiness report looks like an auditor's"
fi

# ---- a type 1 report and a readiness report, each issued, bundled and verified ----

# attest PERSON ARGUMENTS...: in the demo's directory, said into the scratch folder.
attest() {
    local as=$1
    shift
    "$build/attest" -C "$scratch/one/data" --as "person/$as" "$@" >>"$scratch/said" 2>&1
}

# as_oscal ENGAGEMENT: the form agrees with the model.
as_oscal() {
    attest dana-whitfield report "engagement/$1" --format json --out "$scratch/$1.json"
    attest dana-whitfield report "engagement/$1" --format oscal --out "$scratch/$1.oscal"
    python3 "$root/test/report/check_oscal.py" "$scratch/$1.json" "$scratch/$1.oscal" >>"$scratch/said"
}

# The engagement as management proposes it: the auditor's side has a key and names its own team.
without_team() {
    sed '/^service_auditor:/,/^  country:/d; /^auditors:/d; /^partner:/d; /^quality_reviewer:/d' "$1"
}

type_1() {
    local files=$scratch/type-1
    cp -r "$scratch/one/files" "$files"
    cp "$root"/test/demo/type-1/*.yaml "$files"
    sed -i "s/soc2-2026/t1/g; s/TODAY/$(date +%F)/" "$files"/*.yaml
    sed -i "s/^type: type-2/type: type-1/; s/^period: .*/as_of: '2026-09-30'/" "$files/20-engagement.yaml"
    sed -i 's/^operating: .*/operating: not-examined/' "$files/51-conclusions-on-criteria.yaml"
    if attest dana-whitfield apply -f "$files/20-engagement.yaml"; then
        exit 1 # management no longer names the team
    fi
    without_team "$files/20-engagement.yaml" >"$scratch/proposed.yaml"
    attest dana-whitfield apply -f "$scratch/proposed.yaml" "$files/30-description.yaml"
    attest a-moreau apply -f "$files/20-engagement.yaml" --sign-key "$scratch/one/partner_key"
    attest i-obi test run --engagement t1 --period 2025-10-01..2026-09-30 || [ $? = 1 ]
    attest i-obi apply -f "$files/40-evaluations.yaml"
    attest i-obi apply -f "$files/50-conclusions-on-controls.yaml" "$files/51-conclusions-on-criteria.yaml"
    attest dana-whitfield apply -f "$files/70-assertion.yaml"
    attest a-moreau apply -f "$files/80-opinion.yaml" --sign-key "$scratch/one/partner_key"
    attest a-moreau issue engagement/t1 --sign-key "$scratch/one/partner_key"
    local again=0 # what was issued stays
    attest a-moreau issue engagement/t1 --sign-key "$scratch/one/partner_key" || again=$?
    [ "$again" = 1 ]
    attest dana-whitfield report engagement/t1 --format pdf --out "$scratch/t1.pdf"
    attest dana-whitfield bundle engagement/t1 --level report --out "$scratch/t1.zip"
    "$build/attest-verify" "$scratch/t1.zip" >>"$scratch/said"
    as_oscal t1
    pdftotext "$scratch/t1.pdf" "$scratch/t1.txt"
    grep -q 'did not examine whether the controls operated' "$scratch/t1.txt"
}

readiness() {
    local files=$scratch/ready
    mkdir "$files"
    without_team "$scratch/one/files/20-engagement.yaml" | sed 's/^id: soc2-2026$/id: ready/' \
        >"$files/engagement.yaml"
    sed 's/soc2-2026/ready/g' "$scratch/one/files/90-consent-management.yaml" >"$files/consent.yaml"
    attest dana-whitfield apply -f "$files"
    if attest i-obi issue engagement/ready; then
        exit 1 # it is management's
    fi
    attest dana-whitfield issue engagement/ready
    as_oscal ready
    attest dana-whitfield bundle engagement/ready --level evidence --out "$scratch/ready.zip"
    "$build/attest" verify "$scratch/ready.zip" --reperform >>"$scratch/said"
}

# Not in a condition: there set -e would not hold inside.
for kind in type_1 readiness; do
    set +e
    (
        set -e
        $kind
    )
    status=$?
    set -e
    [ "$status" = 0 ] || fault "$kind: $(tail -n 5 "$scratch/said")"
done

# Three reports over the same records lie in one directory, each judged by itself.
"$build/attest" verify "$scratch/one/data" >>"$scratch/said" || fault "the directory: $(tail -n 5 "$scratch/said")"

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
