#!/usr/bin/env bash
# examples/demo.sh BUILD [OUT]: from records to a report that anyone can check, with Kestrel Cloud.
#
# BUILD holds the programs attest, attest-verify and kestrel-generate. OUT, by default BUILD/demo, is
# made anew: report.pdf, report.html, report.json, report.zip, evidence.zip, data/ (the data
# directory), readiness.pdf, altered.zip, evidence/ and log.txt (all that the programs said).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?usage: demo.sh BUILD [OUT]}" && pwd)
out=${2:-$build/demo}
engagement=engagement/soc2-2026
period=2025-10-01..2026-09-30
today=$(date +%F)
number=0

# Absolute, and short in messages where it can be.
case $out in /*) ;; *) out=$PWD/$out ;; esac
shown=${out#"$PWD"/}
attest=$build/attest
log=$out/log.txt
work=$out/files # the example's files as they are applied: with today's date and the partner's key
export ATTEST_DIR=$out/data
unset ATTEST_AS ATTEST_SIGN_KEY

step() {
    number=$((number + 1))
    printf '%2d  %s\n' "$number" "$1"
}

also() { printf '    %s\n' "$@"; }

# expect STATUS COMMAND...: runs it, keeps what it says in the log and in $said; anything but STATUS
# ends the demo.
expect() {
    local wanted=$1 status=0
    shift
    printf '\n$ %s\n' "${*//"$out/"/}" >>"$log"
    said=$("$@" 2>>"$log") || status=$?
    printf '%s\n' "$said" >>"$log"
    if [ "$status" != "$wanted" ]; then
        printf 'demo: exit status %s, not %s, of: %s\n' "$status" "$wanted" "$*" >&2
        tail -n 20 "$log" >&2
        exit 1
    fi
}

# The rows of CSV in $said whose column, counted from 1, is this; how many.
count_rows() {
    local column=$1 value=$2 count=0 fields
    while IFS=, read -r -a fields; do
        [ "${fields[column - 1]:-}" != "$value" ] || count=$((count + 1))
    done <<<"$said"
    printf '%s' "$count"
}

# What a verifier said, but for what it did not check.
show_verdict() {
    local line
    while IFS= read -r line; do
        case $line in *"not made: "*) continue ;; esac
        fold -s -w 90 <<<"${line#    }" | sed 's/ *$//; 1s/^/      | /; 1!s/^/      |   /'
    done <<<"$said"
}

kib() { printf '%s KiB' $((($(wc -c <"$out/$1") + 1023) / 1024)); }

as() { export ATTEST_AS=person/$1; }

if [[ $today < 2026-10-01 ]]; then
    echo "demo: the clock says $today, but the period examined ends on 2026-09-30" >&2
    exit 2
fi

# ---- evidence ----

rm -rf "$out"
mkdir -p "$work"
: >"$log"

expect 0 "$build/kestrel-generate" "$out/evidence"
gzip -n "$out/evidence/logins.ndjson"
if command -v zstd >/dev/null; then
    zstd -q --rm "$out/evidence/processing_events.ndjson"
fi
files=("$out"/evidence/*.ndjson* "$out"/evidence/*.csv)
step "A year of records of Kestrel Cloud, an invented company: ${#files[@]} files in evidence/"
also "what deviates in them was planted, and is listed in evidence/truth.json"

# ---- the organisation ----

as dana-whitfield
expect 0 "$attest" init "$out/data" --origin kestrel.example/ledger --name "Dana Whitfield"
vkey=$("$attest" key)
step "Data directory made, with its ledger; the ledger's key, for others to pin:"
also "$vkey"

expect 0 "$attest" key new "$out/partner_key"
cp -r "$here"/kestrel/examination/. "$work"
printf 'keys: [{key: "%s"}]\n' "$(cat "$out/partner_key.pub")" >>"$work/11-partner.yaml"
sed -i "s/^date: .*/date: $today/" "$work/70-assertion.yaml"
sed -i "s/^report_date: .*/report_date: $today/" "$work/80-opinion.yaml"
# For readers who know the partner: who signs with which key, as OpenSSH writes it.
printf 'person/a-moreau %s\n' "$(cut -d' ' -f1,2 "$out/partner_key.pub")" >"$out/signers"
step "The audit partner's key made; its public half goes into the partner's record"

expect 0 "$attest" apply -f "$here/kestrel/programme" "$work/10-auditors.yaml" \
    "$work/11-partner.yaml" "$work/20-engagement.yaml" "$work/30-description.yaml"
expect 0 "$attest" get control -o csv
controls=$(($(wc -l <<<"$said") - 1))
step "$controls controls with their tests, the system and the engagement: YAML, applied in one transaction"
expect 0 "$attest" coverage --catalog tsc-2017 -o csv
also "$(($(wc -l <<<"$said") - 1)) criteria in five categories, each with a control"

# ---- records ----

rows=0
for file in "${files[@]}"; do
    name=${file##*/}
    name=${name%%.*}
    expect 0 "$attest" import "source/${name//_/-}" "$file" -o csv
    while IFS=, read -r _ _ kept _; do
        [ "$kept" = kept ] || rows=$((rows + kept))
    done <<<"$said"
done
step "$rows records imported, each file a segment that never changes"
expect 0 "$attest" import source/workers "$out/evidence/workers.csv"
also "the same file a second time: already imported, nothing added"

# ---- management's own look ----

expect 1 "$attest" test run --period "$period" -o csv
tests=$(($(wc -l <<<"$said") - 1))
deviating=$(count_rows 5 exceptions)
idle=$(count_rows 5 did-not-operate)
step "Management runs all $tests tests over every record: $deviating with deviations, $idle did not operate"
expect 0 "$attest" report "$engagement" --format pdf --out "$out/readiness.pdf"
also "that gives a readiness report, which nobody can take for an auditor's: readiness.pdf"

# ---- the examination ----

as i-obi
expect 1 "$attest" test run --engagement soc2-2026 -o json
printf '%s\n' "$said" >"$out/runs.json"
deviating=$(grep -c '"result": "exceptions"' "$out/runs.json")
step "The auditor runs the tests again, for this examination: the same $deviating have deviations"
expect 1 "$attest" test run test/CM-02.T1 --engagement soc2-2026 --threads 1 -o json
digest=$(sed -n 's/.*"result_digest": "\(.*\)".*/\1/p' <<<"$said")
expect 0 grep -F "$digest" "$out/runs.json"
also "one of them once more, by a single thread: the same result, digest by digest"

expect 0 "$attest" apply -f "$work/40-evaluations.yaml"
step "The auditor evaluates each one: three turn out to be none, and one item did not belong there"
expect 0 "$attest" apply -f "$work/50-conclusions-on-controls.yaml" \
    "$work/51-conclusions-on-criteria.yaml"
step "The auditor concludes on $controls controls and 61 criteria: accounts of leavers (CC6.2) stayed open"

as dana-whitfield
expect 0 "$attest" apply -f "$work/60-responses.yaml" "$work/70-assertion.yaml"
step "Management answers each exception, and asserts all but CC6.2"

as a-moreau
expect 2 "$attest" apply -f "$work/80-opinion.yaml"
step "The partner gives the opinion, qualified for CC6.2, and signs it (without the key it is refused)"
expect 0 "$attest" apply -f "$work/80-opinion.yaml" --sign-key "$out/partner_key"

# ---- the report ----

export ATTEST_SIGN_KEY=$out/partner_key
expect 0 "$attest" report "$engagement" --format html --out "$out/draft.html"
rm "$out/draft.html"
expect 0 "$attest" issue "$engagement"
step "The partner issues the report: from now on it is fixed, and the ledger names it"
for format in pdf html json; do
    expect 0 "$attest" report "$engagement" --format "$format" --out "$out/report.$format"
done
also "$shown/report.pdf, report.html, report.json"

expect 0 "$attest" bundle "$engagement" --level report --out "$out/report.zip"
step "Packed for its readers: report.zip ($(kib report.zip))"
expect 1 "$attest" bundle "$engagement" --level evidence --out "$out/evidence.zip"
expect 0 "$attest" apply -f "$work/91-consent-auditor.yaml"
unset ATTEST_SIGN_KEY
as dana-whitfield
expect 0 "$attest" apply -f "$work/90-consent-management.yaml"
expect 0 "$attest" bundle "$engagement" --level evidence --out "$out/evidence.zip"
also "and with all evidence evidence.zip ($(kib evidence.zip)), refused until both sides had consented"

# ---- what a reader does ----

unset ATTEST_DIR ATTEST_AS ATTEST_SIGN_KEY
expect 0 "$build/attest-verify" "$out/report.zip" --key "$vkey"
step "A reader checks report.zip with the small verifier, offline: it holds"
expect 0 "$build/attest-verify" "$out/evidence.zip" --key "$vkey"
also "evidence.zip as well"
expect 0 "$attest" verify "$out/evidence.zip" --key "$vkey" --signers "$out/signers" --reperform
step "A reader who knows the partner's key runs every test again from evidence.zip:"
show_verdict

# One byte in the middle of a Parquet file, which lies in the bundle as it is.
cp "$out/evidence.zip" "$out/altered.zip"
expect 0 grep -abo -m1 PAR1 "$out/altered.zip"
at=$((${said%%:*} + 1000))
byte=$(od -An -tu1 -j "$at" -N 1 "$out/altered.zip")
printf "\\x$(printf %02x $((byte ^ 1)))" |
    dd of="$out/altered.zip" bs=1 seek="$at" conv=notrunc status=none
expect 1 "$build/attest-verify" "$out/altered.zip" --key "$vkey"
step "One bit of the evidence altered (byte $at of altered.zip). It no longer holds, and is told where:"
show_verdict

printf '\nDone in %s s. Look at %s. What the programs said is in %s.\n' \
    "$SECONDS" "$shown/report.pdf" "$shown/log.txt"
