#!/usr/bin/env bash
# adopt.sh PROGRAMME OUT: the files of the starter programme as Kestrel has edited them.
#
# A starter programme says what is done, not since when and by whom it was approved. Kestrel has lived by
# its controls since 1 October 2025 and approves its policies each spring: OUT/2025 is the programme with
# the policies of 2025, OUT/2026 the policies of 2026, which are applied after them. Physical security was
# forgotten in spring and approved two months late.
set -euo pipefail
programme=${1:?usage: adopt.sh PROGRAMME OUT} out=${2:?usage: adopt.sh PROGRAMME OUT}

# since FILE DAY: every document of the file is in force from that day.
since() { sed "s/^id: .*/&\neffective_from: '$2T00:00:00Z'/" "$programme/$1.yaml"; }

# edition YEAR APPROVED SINCE: what is added to a policy, for sed.
edition() {
    printf '&\\nedition: "%s"\\nauthor: person/m-lindqvist\\napprover: person/dana-whitfield\\napproved_on: %s\\neffective_from: "%sT00:00:00Z"' "$@"
}

mkdir -p "$out/2025" "$out/2026"
since controls 2025-10-01 >"$out/2025/controls.yaml"
since policy-topics 2025-07-01 >"$out/2025/policy-topics.yaml"
since risks 2025-07-01 | sed 's/^treatment: .*/&\nassessed_on: 2025-12-10/' >"$out/2025/risks.yaml"
sed "s|^id: .*|$(edition 2025 2025-03-01 2025-03-03)|" "$programme/policies.yaml" >"$out/2025/policies.yaml"
sed -e "/^id: physical-security/{s|.*|$(edition 2026 2026-04-27 2026-05-01)|;b}" \
    -e "s|^id: .*|$(edition 2026 2026-02-16 2026-03-01)|" "$programme/policies.yaml" >"$out/2026/policies.yaml"
