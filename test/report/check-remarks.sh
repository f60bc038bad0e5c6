#!/usr/bin/env bash
# check-remarks.sh REPORT_RENDER: what an auditor adds to a conclusion stands on the page of the
# conclusion. Section 4 is pushed down line by line, so that every place on a page comes up.
set -euo pipefail
render=$(realpath "$1")
facts=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/facts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
breaks=0
for push in $(seq 0 3 33); do
    python3 - "$facts/type-1.json" "$push" >"$work/facts.json" <<'EOF'
import json, sys
facts = json.load(open(sys.argv[1]))
bands = facts["model"]["section4"]["bands"]
for band in bands:
    one = band["criterion"]["id"].split("/")[1]
    for row in band["rows"]:
        row["control"]["title"] = row["control"]["title"][:40]
    band["conclusion"]["text"] = [f"Remark on {one}."]
facts["model"]["section3"]["items"][8]["text"] = ["A line."]
bands[0]["conclusion"]["text"] += [f"Line {i}." for i in range(int(sys.argv[2]))]
json.dump(facts, sys.stdout)
EOF
    "$render" "$work/facts.json" "$work/report" pdf 2>"$work/findings" || {
        cat "$work/findings"
        exit 1
    }
    pdftotext -layout "$work/report.pdf" - | python3 -c '
import re, sys
faults = at_top = 0
for page in sys.stdin.read().split("\f"):
    told = set(re.findall(r"Conclusion on (\S+):", page))
    alone = [one for one in re.findall(r"Remark on (\S+)\.(?:\s|$)", page) if one not in told]
    for one in alone:
        print(f"the remark on {one} stands without its conclusion")
    faults += len(alone)
    at_top += bool(told)
print(at_top, file=sys.stderr)
sys.exit(faults > 0)' >"$work/said" 2>"$work/pages" || {
        sed "s/^/pushed by $push: /" "$work/said"
        faults=$((faults + 1))
    }
    breaks=$((breaks + $(tail -1 "$work/pages")))
done
[ "$breaks" -gt 24 ] || { echo "hardly a page with a conclusion was looked at"; exit 1; }
[ "$faults" = 0 ]
