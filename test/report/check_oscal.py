#!/usr/bin/env python3
"""check_oscal.py MODEL.json OSCAL.json: an OSCAL form against NIST's schema, against itself and
against the report model of which it was made. Prints each fault; exit 1 if there is one.

The schema's patterns are ECMAScript's. Python's re knows no \\p{L} and \\p{N}: both are written out
here from Python's own Unicode tables; and its $ also matches before a line feed, so it becomes \\Z.
Nothing else of the schema is changed; that it still refuses what it should is tried below."""
import copy
import datetime
import hashlib
import json
import re
import sys
import unicodedata
import uuid
import zoneinfo
from pathlib import Path

import jsonschema

NAMESPACE = uuid.UUID("32f75618-2925-4056-aa4f-15bd869e930c")
faults = 0


def fault(text):
    global faults
    faults += 1
    print(f"FAULT {sys.argv[2]}: {text}")


def ranges(letter):
    """The code points of a general category, as a character class without its brackets."""
    out, start = [], None
    for c in range(sys.maxunicode + 2):
        is_in = c <= sys.maxunicode and unicodedata.category(chr(c))[0] == letter
        if is_in and start is None:
            start = c
        elif not is_in and start is not None:
            out.append(f"\\U{start:08x}-\\U{c - 1:08x}")
            start = None
    return "".join(out)


def python_patterns(node):
    if isinstance(node, list):
        return [python_patterns(x) for x in node]
    if not isinstance(node, dict):
        return node
    out = {name: python_patterns(x) for name, x in node.items()}
    if isinstance(out.get("pattern"), str):
        pattern = out["pattern"]
        for letter in "LN":
            if f"\\p{{{letter}}}" in pattern:
                pattern = pattern.replace(f"\\p{{{letter}}}", f"[{ranges(letter)}]")
        assert "\\p" not in pattern, pattern
        out["pattern"] = re.sub(r"(?<!\\)\$$", r"\\Z", pattern)
    return out


def tell(error):
    """The branch of an anyOf that came furthest says more than the anyOf."""
    best = jsonschema.exceptions.best_match([error]) or error
    return f"{'/'.join(map(str, best.absolute_path))}: {best.message[:300]}"


def check_schema(document):
    schema = json.loads((Path(__file__).parent / "oscal/oscal_assessment-results_schema.json").read_text())
    validator = jsonschema.Draft7Validator(python_patterns(schema))
    for error in list(validator.iter_errors(document))[:10]:
        fault(tell(error))

    # The validator must see each of these.
    def spoil(text, change):
        other = copy.deepcopy(document)
        change(other["assessment-results"])
        if validator.is_valid(other):
            fault(f"the schema accepts {text}")

    spoil("another UUID version", lambda d: d.update(uuid="32f75618-2925-8056-aa4f-15bd869e930c"))
    spoil("no import-ap", lambda d: d.pop("import-ap"))
    spoil("an unknown member", lambda d: d["metadata"].update(colour="red"))
    spoil("a token with a slash", lambda d: d["metadata"]["roles"][0].update(id="tsc-2017/CC6.1"))
    spoil("a line feed behind a token", lambda d: d["metadata"]["roles"][0].update(id="assessor\n"))
    spoil("a token of digits first", lambda d: d["metadata"]["roles"][0].update(id="1a"))
    spoil("a day that is none", lambda d: d["results"][0].update(start="2025-02-30T00:00:00Z"))
    spoil("an empty list", lambda d: d["results"][0].update(observations=[]))
    spoil("a string that ends in a blank", lambda d: d["metadata"]["props"][0].update(value="x "))
    letters = copy.deepcopy(document)
    letters["assessment-results"]["metadata"]["roles"][0]["id"] = "πρόσβαση-٣"
    if not validator.is_valid(letters):
        fault("the schema refuses letters that are not Latin")


def walk(node, path=""):
    yield path, node
    if isinstance(node, dict):
        for name, x in node.items():
            yield from walk(x, f"{path}/{name}")
    elif isinstance(node, list):
        for i, x in enumerate(node):
            yield from walk(x, f"{path}/{i}")


def check_references(root):
    """What a schema cannot see: names are unique and lead somewhere."""
    made, used = [], []
    for path, node in walk(root):
        name = path.rsplit("/", 1)[-1]
        if name == "uuid":
            made.append(node)
        elif name in ("actor-uuid", "observation-uuid", "risk-uuid") or "/party-uuids/" in path:
            used.append(node)
    used.append(root["import-ap"]["href"].lstrip("#"))
    roles = [role["id"] for role in root["metadata"]["roles"]]
    used_roles = [x["role-id"] for x in root["metadata"]["responsible-parties"]]
    if len(made) != len(set(made)):
        fault("a UUID stands for two things")
    for one in set(used) - set(made):
        fault(f"{one} leads nowhere")
    if sorted(roles) != sorted(set(roles)) or set(used_roles) - set(roles):
        fault("roles repeat or lead nowhere")


def prop(holder, name):
    return [p["value"] for p in holder.get("props", []) if p["name"] == name]


def as_text(markup):
    """What a Markdown reader shows of escaped text."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markup)


def shown(text):
    """Only for texts without signs that are shown as numbers."""
    return " ".join(text.splitlines()).strip()


def check_model(model, root, digest):
    result, = root["results"]
    bands = model["section4"]["bands"]
    tests = [(f"section4.bands[{b}].rows[{r}].tests[{t}]", row["control"], test)
             for b, band in enumerate(bands) for r, row in enumerate(band["rows"])
             for t, test in enumerate(row["tests"])]

    def named(kind, place):
        return str(uuid.uuid5(NAMESPACE, f"sha256:{digest} {kind} {place}"))

    def same(found, wanted, what):
        if found != wanted:
            fault(f"{what}: {found!r}, not {wanted!r}")

    same(root["uuid"], named("document", "assessment-results"), "uuid")
    same(root["metadata"]["version"], f"sha256:{digest}", "version")
    same(root["back-matter"]["resources"][0]["rlinks"][0]["hashes"][0]["value"], digest, "hash")

    zone = zoneinfo.ZoneInfo(model["timezone"])
    first = model["as_of"] or model["period"]["from"]
    last = model["as_of"] or model["period"]["to"]

    def midnight(date, days=0):
        day = datetime.date.fromisoformat(date) + datetime.timedelta(days=days)
        return datetime.datetime(day.year, day.month, day.day, tzinfo=zone)

    def instant(text):
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    same(instant(result["start"]), midnight(first), "start")
    same(instant(result["end"]).timestamp(), midnight(last, 1).timestamp() - 1, "end")
    if model["report_date"]:
        same(instant(root["metadata"]["last-modified"]), midnight(model["report_date"]), "last-modified")

    observations = {o["uuid"]: o for o in result.get("observations", [])}
    same(len(observations), len(tests), "observations")
    methods = {"inquiry": "INTERVIEW", "observation": "EXAMINE", "inspection": "EXAMINE", "reperformance": "TEST"}
    performed = {t["run"]: t["performed_at"] for t in model["appendices"]["tests"] or []}
    for place, control, test in tests:
        one = observations.get(named("observation", place))
        if not one:
            fault(f"{place} has no observation")
            continue
        same(one["methods"], [methods[test["nature"]]], f"{place} methods")
        wanted = {
            "control": control["id"], "control-version": control["version"], "test": test["id"],
            "test-version": test["version"], "population-type": test["population"]["type"],
            "population-items": test["population"]["items"], "run": test["run"],
            "population-digest": test["population"]["digest"], "population": test["population"]["name"],
            "result": test["result"], "tested-deviations": test["tested_deviations"],
            "nature": test["nature"], "extent": test["extent"], "from": test["period"]["from"],
            "to": test["period"]["to"],
        }
        for name, value in wanted.items():
            same(prop(one, name), [str(value)], f"{place} {name}")
        for name in ("deviations", "not_deviations", "void"):
            same(prop(one, name.replace("_", "-")), [str(test["concluded"][name])] if test["concluded"] else [],
                 f"{place} {name}")
        counts = [str(a[n]) for a in test["attributes"] for n in ("holds", "fails", "undecided")]
        same(prop(one, "attribute-items"), counts, f"{place} attributes")
        if test["run"] in performed:
            same(instant(one["collected"]), instant(performed[test["run"]]), f"{place} collected")
        if test["result_text"][0].isascii() and shown(test["result_text"][0]) not in as_text(one["description"]):
            fault(f"{place}: the description lacks the result's sentence")

    risks = {r["uuid"]: r for r in result.get("risks", [])}
    excepted = [(place, control, test) for place, control, test in tests if test["result"] == "exceptions"]
    same(len(risks), len(excepted), "risks")
    for place, control, test in excepted:
        risk = risks.get(named("risk", place))
        if not risk:
            fault(f"{place} has no risk")
            continue
        keys = [json.loads(x) for x in prop(risk, "exception")]
        if all(part is None or part.isprintable() for e in test["exceptions"] for part in e["key"]):
            same(keys, [e["key"] for e in test["exceptions"]], f"{place} exceptions")
        same(len(keys), len(test["exceptions"]), f"{place} exceptions")
        same(len(risk.get("remediations", [])), 1 if test["response"] else 0, f"{place} responses")
        for response in risk.get("remediations", []):
            if "not examined" not in response["title"] or prop(response, "examined") != ["false"]:
                fault(f"{place}: the response is not marked as not examined")

    findings = {f["uuid"]: f for f in result.get("findings", [])}
    count = 0
    for b, band in enumerate(bands):
        rows, conclusion = band["rows"], band["conclusion"]
        wanted = []
        if conclusion:
            met = conclusion["design"] == "suitable" and conclusion["operating"] in ("effective", "not-examined")
            wanted.append((f"section4.bands[{b}]", band["criterion"]["id"].replace("/", "_"), met, rows))
        else:
            wanted += [(f"section4.bands[{b}].rows[{r}]", row["control"]["id"], False, [row])
                       for r, row in enumerate(rows) if any(t["result"] == "exceptions" for t in row["tests"])]
        for place, target, met, of in wanted:
            count += 1
            finding = findings.get(named("finding", place))
            if not finding:
                fault(f"{place} has no finding")
                continue
            same(finding["target"]["type"], "objective-id", f"{place} type")
            same(finding["target"]["target-id"], target if target[0].isalpha() else "_" + target, f"{place} target")
            same(finding["target"]["status"]["state"], "satisfied" if met else "not-satisfied", f"{place} state")
            controls = [(row["control"]["id"], row["control"]["version"]) for row in of]
            mine = [p for p, c, t in tests if (c["id"], c["version"]) in controls]
            same(sorted(x["observation-uuid"] for x in finding.get("related-observations", [])),
                 sorted(named("observation", p) for p in mine), f"{place} observations")
            same(sorted(x["risk-uuid"] for x in finding.get("related-risks", [])),
                 sorted(named("risk", p) for p, c, t in excepted if p in mine), f"{place} risks")
    same(len(findings), count, "findings")

    reviewed = {}
    for selection in result["reviewed-controls"]["control-selections"]:
        criterion, = prop(selection, "criterion")
        reviewed[criterion] = [c["control-id"].lstrip("_") for c in selection["include-controls"]]
    same(reviewed, {band["criterion"]["id"]: list(dict.fromkeys(r["control"]["id"].lstrip("_") for r in band["rows"]))
                    for band in bands if band["rows"]}, "reviewed controls")

    # Marks; and no word of an opinion where nobody has given one.
    text = json.dumps(root, ensure_ascii=False)
    parts = model["section1"]["opinion"]["parts"] if model["section1"] else []
    same(prop(result, "opinion"), [p["variant"] for p in parts], "opinion")
    if not model["section1"]:
        for word in ("in our opinion", '"satisfied"', "unmodified", '"opinion"', '"assessor"'):
            if word in text.lower():
                fault(f"a readiness report says {word}")
    marks = (["READINESS REPORT"] if model["kind"] == "readiness" else ["SPECIMEN"] if model["specimen"] else [])
    if model["status"] == "issued":
        for holder, name in ((root["metadata"], "metadata"), (result, "result")):
            same(prop(holder, "mark"), marks, f"mark of {name}")
    if marks and marks[0] == "SPECIMEN" and "SPECIMEN" not in result["remarks"]:
        fault("the result's remarks do not say SPECIMEN")
    if model["kind"] == "readiness":
        paragraphs = [t for p in model["statement"]["paragraphs"] for t in [p["heading"], *p["text"]] if t]
        same(as_text(result["remarks"]).split("\n\n"), [shown(t) for t in paragraphs], "remarks")
    if re.search("[\u202a-\u202e\x00-\x09\x0b-\x1f]", text) or re.search(r"(?<!\\)<", "".join(
            str(x) for p, x in walk(root) if p.endswith(("remarks", "description", "title", "statement")))):
        fault("texts of others can act on a reader's screen")


def main():
    model_bytes = Path(sys.argv[1]).read_bytes()
    document = json.loads(Path(sys.argv[2]).read_bytes())
    check_schema(document)
    check_references(document["assessment-results"])
    check_model(json.loads(model_bytes), document["assessment-results"], hashlib.sha256(model_bytes).hexdigest())
    sys.exit(faults > 0)


main()
