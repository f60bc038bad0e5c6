#!/usr/bin/env bash
# check-files.sh REPORT_RENDER: renders the facts beside this script and looks at the files with tools
# that are not ours (qpdf, poppler). Prints each fault; exit 1 if there is one.
set -euo pipefail
render=$(realpath "$1")
facts=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/facts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

fault() {
    echo "FAULT $*"
    faults=$((faults + 1))
}

# The words of a PDF, one a line, in the order of its structure tree. Texts of one paragraph are
# joined as they stand, also over links; artifacts (heads, feet, repeated table heads) are not in it.
pdf_words() {
    pdfinfo -struct-text "$1" | awk '
        /^ *"/ { sub(/^ *"/, ""); sub(/"$/, ""); printf "%s", $0; next }
        /^ *(Link|Reference) / || /^ *Object / || /^ *\/[A-Z]/ { next }
        { printf "\n" }' | words
}

# The words of an HTML file: tags of blocks part words, those within a line do not.
html_words() {
    awk '/<style>/ { skip = 1 } !skip { print } /<\/style>/ { skip = 0 }' "$1" | tr '\n' ' ' |
        sed -E -e 's/.*<main[^>]*>//; s/<\/main>.*//' \
            -e 's/<\/?(strong|em|code|span|small|bdi|a)( [^>]*)?>//g' -e 's/<[^>]*>/ /g' \
            -e 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&amp;/\&/g' | words
}

words() { sed -e 's/,/ , /g' | tr -s ' \n' '\n\n' | grep -v '^$'; }

for name in type-2 type-1 readiness scripts; do
    mkdir -p "$work/a" "$work/b"
    "$render" "$facts/$name.json" "$work/a/$name" 2>"$work/findings" || {
        cat "$work/findings"
        fault "$name is not rendered"
        continue
    }
    # Elsewhere, at another time, in another language: the same bytes.
    (cd "$work/b" && env TZ=Asia/Kathmandu LANG=tr_TR.UTF-8 LC_ALL=C.UTF-8 LANGUAGE=ar \
        PANGO_LANGUAGE=ja HOME="$work" "$render" "$facts/$name.json" "$name" 2>"$work/findings") || {
        cat "$work/findings"
        fault "$name is not rendered elsewhere"
    }
    for form in pdf html json oscal; do
        cmp -s "$work/a/$name.$form" "$work/b/$name.$form" || fault "$name.$form differs when made again"
    done

    python3 "${facts%/facts}/check_oscal.py" "$work/a/$name.json" "$work/a/$name.oscal" ||
        fault "$name.oscal is not the report as OSCAL"

    pdf=$work/a/$name.pdf
    html=$work/a/$name.html
    qpdf --check "$pdf" >"$work/check" 2>&1 || { cat "$work/check"; fault "$name.pdf: qpdf --check"; }
    pdfinfo "$pdf" >"$work/info"
    grep -q '^Tagged: *yes' "$work/info" || fault "$name.pdf is not tagged"
    grep -q '^Title: *[^ ]' "$work/info" || fault "$name.pdf has no title"
    qpdf --qdf --object-streams=disable "$pdf" "$work/plain.pdf"
    for part in '/Lang (en)' '/DisplayDocTitle true' '/MarkInfo' '/Metadata' '/Scope /Column' \
        '/Scope /Row' '/RowSpan 2' '/Outlines' '/Subtype /Link' '/Alt ('; do
        [ "$name" = type-1 ] && [ "$part" = '/RowSpan 2' ] && continue
        grep -aqF -- "$part" "$work/plain.pdf" || fault "$name.pdf lacks $part"
    done
    if pdffonts "$pdf" | tail -n +3 | awk '{ if ($(NF - 4) != "yes" || $(NF - 2) != "yes") exit 1 }'; then
        :
    else
        fault "$name.pdf: a font is not embedded, or its text cannot be read"
    fi
    pages=$(awk '/^Pages:/ { print $2 }' "$work/info")
    artifacts=$(grep -ac '^/Artifact BMC' "$work/plain.pdf")
    [ "$artifacts" -ge "$pages" ] || fault "$name.pdf: $artifacts artifacts on $pages pages"

    # Every page says what it is, in head and foot. Form feeds part the pages.
    pdftotext "$pdf" - | awk -v pages="$pages" -v kind="$name" '
        BEGIN { RS = "\f" }
        NR > pages { next }
        index($0, "Page " NR " of " pages) == 0 { print "page " NR " is not numbered" }
        { specimens = gsub(/SPECIMEN/, "&") }
        kind != "readiness" && specimens < 2 { print "page " NR ": SPECIMEN in head and foot" }
        kind == "readiness" && specimens > 0 { print "page " NR " says SPECIMEN" }
        kind == "readiness" && !/not examined by an independent service auditor/ {
            print "page " NR " does not say what it is"
        }
        END { if (NR < pages) print "only " NR " pages have text" }' >"$work/pages"
    [ ! -s "$work/pages" ] || { head -5 "$work/pages"; fault "$name.pdf: what its pages say"; }
    [ "$name" != readiness ] || ! grep -qi 'in our opinion' "$html" || fault "a readiness report gives an opinion"

    # HTML: one file that runs nothing and fetches nothing.
    ! grep -qiE '<script|<link|<img|<iframe| on[a-z]+=|url\(|@import' "$html" || fault "$name.html is not inert"
    grep -q '^<html lang="en">' "$html" || fault "$name.html has no language"

    # Equal texts; a PDF may only add page numbers. What runs from right to left, and what is shaped
    # into ligatures, poppler gives back in another order: those paragraphs are compared below.
    [ "$name" = scripts ] && continue
    html_words "$html" >"$work/html.words"
    pdf_words "$pdf" >"$work/pdf.words"
    diff "$work/html.words" "$work/pdf.words" >"$work/diff" || true
    if grep -q '^<' "$work/diff" || grep '^>' "$work/diff" | grep -qvE '^> ([0-9]+|,|page|Page|[0-9]+\.|•)$'; then
        { grep "^<" "$work/diff"; grep "^>" "$work/diff" | grep -vE "^> ([0-9]+|,|page|Page|[0-9]+\.|•)$"; } | head -20
        fault "$name: the texts of PDF and HTML differ"
    fi
    [ "$(wc -l <"$work/html.words")" -gt 1500 ] || fault "$name: hardly any words were compared"
done

# Scripts: the letters are there.
pdftotext "$work/a/scripts.pdf" "$work/scripts.txt"
for word in 'לקוחות' 'Система' 'σύστασις' 'bảo mật' 'žluťoučký' 'მონაცემები' 'տվյալներ' 'የደንበኞች' 'प्रणाली' \
    'ระบบเก็บข้อมูลของลูกค้า' 'ناقل' '<U+202E>evil<U+202C>' '<U+0007>' "<script>alert('x')</script>"; do
    grep -qF -- "$word" "$work/scripts.txt" || fault "scripts.pdf has lost $word"
done
grep -qF '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;' "$work/a/scripts.html" || fault "scripts.html is not escaped"
! grep -qP '\x{202E}|\x{2066}|\x07' "$work/a/scripts.html" || fault "scripts.html lets texts act on the screen"

# A character nobody has is an error with its name and its place, in the PDF only.
if "$render" "$facts/no-glyph.json" "$work/no-glyph" pdf 2>"$work/findings"; then
    fault "a character without a glyph was printed"
fi
grep -q '^section3.cuecs\[1\].text: error: no installed font has the character .* (U+0378)' "$work/findings" ||
    { cat "$work/findings"; fault "the character without a glyph is not named"; }
"$render" "$facts/no-glyph.json" "$work/no-glyph" html || fault "HTML needs no fonts"

# The comparison of OSCAL with the model sees another model.
if python3 "${facts%/facts}/check_oscal.py" "$work/a/type-1.json" "$work/a/type-2.oscal" >"$work/findings"; then
    fault "the OSCAL form of another report passes"
fi
grep -q 'FAULT .*observations: 49, not 0' "$work/findings" || { cat "$work/findings"; fault "OSCAL of another report"; }

# No control is printed: OSCAL has no form for that, the others do.
python3 - "$facts/readiness.json" >"$work/empty.json" <<'EOF'
import json, sys
facts = json.load(open(sys.argv[1]))
for band in facts["model"]["section4"]["bands"]:
    band["rows"] = []
facts["model"]["appendices"]["tests"] = facts["model"]["appendices"]["sampling"] = None
json.dump(facts, sys.stdout)
EOF
"$render" "$work/empty.json" "$work/empty" html 2>"$work/findings" || { cat "$work/findings"; fault "no controls: no HTML"; }
! "$render" "$work/empty.json" "$work/empty" oscal 2>"$work/findings" || fault "OSCAL without controls"
grep -q '^section4.bands: error: OSCAL' "$work/findings" || { cat "$work/findings"; fault "OSCAL without controls: what it says"; }

# Outline and letter paper.
qpdf --json --json-key=outlines "$work/a/type-2.pdf" >"$work/outlines"
for title in 'CC6.1' 'Section 4' 'Appendix D' 'GOV-01'; do
    grep -qF "\"title\": \"$title" "$work/outlines" ||
        fault "type-2.pdf: no bookmark for $title"
done
"$render" "$facts/type-1.json" "$work/letter" letter pdf
pdfinfo "$work/letter.pdf" >"$work/info"
grep -q '^Page size: *612 x 792 pts (letter)' "$work/info" || fault "letter paper is not letter"

[ "$faults" = 0 ] || { echo "$faults faults"; exit 1; }
