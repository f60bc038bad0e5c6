#!/usr/bin/env bash
# run.sh ATTEST FOLDER...: golden tests of the command line. Each FOLDER holds
#
#     cmd      shell script; runs in a scratch folder with a copy of in/
#     in/      its files (may be missing)
#     stdout   what it must print
#     stderr   what it must say (missing: nothing)
#     status   its exit status (missing: 0)
#
# With ATTEST_ACCEPT=1 the three are written instead of compared (./dev test --accept): look at the
# difference before you commit it.
#
# A cmd has these at hand:
#     attest              the program; acts as person/ann on the data directory data/
#     shared/             a copy of test/cli/shared: a small programme and records
#     begin               makes data/ with that programme, without a word
#     try COMMAND...      prints "$ COMMAND", runs it, prints its exit status if it is not 0
set -euo pipefail
program=$(realpath "$1")
shift
shared=$(cd "$(dirname "${BASH_SOURCE[0]}")/shared" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
faults=0

try() {
    local status=0
    printf '$ %s\n' "$*"
    printf '$ %s\n' "$*" >&2
    "$@" || status=$?
    [ "$status" = 0 ] || printf '(exit %s)\n' "$status"
}
begin() {
    attest init data --origin cli.example/ledger --name Ann >/dev/null 2>&1
    attest apply -f shared/programme.yaml >/dev/null 2>&1
}
export -f try begin

# What differs from run to run: leaves and what is named after them, keys, the clock, the scratch
# folder, the engine's version. Digests of records stay: they must not differ.
mask() {
    sed -E \
        -e "s#$scratch/work#<dir>#g" \
        -e 's/sha256:([0-9a-f]{64})/sha256:<\1>/g' \
        -e 's/((result_digest|model)[": ]+sha256:)<[0-9a-f]{64}>/\1<digest>/g' \
        -e 's/(^|[^<0-9a-f])[0-9a-f]{64}($|[^>0-9a-f])/\1<leaf>\2/g' \
        -e 's/sha256:<([0-9a-f]{64})>/sha256:\1/g' \
        -e 's#(population/[a-z_]+-)[0-9a-f]{12}#\1<name>#g' \
        -e 's/(^|[^0-9a-f.])[0-9a-f]{12}($|[^0-9a-f])/\1<leaf12>\2/g' \
        -e 's#attest\.local/[0-9a-f]{8}#attest.local/<random>#g' \
        -e 's#\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}#+<id>+<key>#g' \
        -e 's#\(key [0-9a-f]{8}\)#(key <id>)#g' \
        -e 's#(ssh-ed25519) [A-Za-z0-9+/=]+#\1 <key>#g' \
        -e "s/($days)T[0-9:.]+Z/<now>/g; s/($days)/<today>/g" \
        -e 's/process [0-9]+/process <pid>/' \
        -e 's#SHA256:[A-Za-z0-9+/]{43}#SHA256:<key>#g' \
        -e 's#duckdb[/ ][0-9.]+#duckdb/<version>#g'
}

# check NAME FOLDER: compares or, with ATTEST_ACCEPT, writes.
check() {
    if [ -n "${ATTEST_ACCEPT:-}" ]; then
        if [ -s "$scratch/$1" ]; then cp "$scratch/$1" "$2/$1"; else rm -f "$2/$1"; fi
    elif [ -e "$2/$1" ]; then
        diff -u --label "$2/$1" "$2/$1" --label "now" "$scratch/$1" || faults=1
    elif [ -s "$scratch/$1" ]; then
        diff -u --label "$2/$1 (nothing)" /dev/null --label "now" "$scratch/$1" || faults=1
    fi
}

for folder; do
    rm -rf "$scratch/work" "$scratch/bin"
    mkdir -p "$scratch/work" "$scratch/bin"
    ln -s "$program" "$scratch/bin/attest"
    cp -r "$shared" "$scratch/work/shared"
    [ ! -d "$folder/in" ] || cp -r "$folder/in/." "$scratch/work"
    days=$(date -u +%F)
    status=0
    (
        cd "$scratch/work"
        export PATH=$scratch/bin:$PATH HOME=$scratch/work TMPDIR=$scratch LC_ALL=C.UTF-8
        export ATTEST_DIR=data ATTEST_AS=person/ann
        unset ATTEST_SIGN_KEY SSH_AUTH_SOCK NO_COLOR
        exec bash -euo pipefail "$OLDPWD/$folder/cmd"
    ) >"$scratch/raw.stdout" 2>"$scratch/raw.stderr" </dev/null || status=$?
    # A run over midnight has two days.
    days="$days|$(date -u +%F)"
    mask <"$scratch/raw.stdout" >"$scratch/stdout"
    mask <"$scratch/raw.stderr" >"$scratch/stderr"
    : >"$scratch/status"
    [ "$status" = 0 ] || echo "$status" >"$scratch/status"
    for name in stdout stderr status; do
        check "$name" "$folder"
    done
done
exit $faults
