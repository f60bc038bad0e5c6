#!/usr/bin/env python3
"""check_year.py ATTEST GENERATE FOLDER: the year of the example company, and every test of its programme.

The records and documents of examples/year/series are made, with those of test/year/faults beside them, which break each
rule once. The starter programme is applied as the example adopts it, everything is imported through its sources, every test
is run over the year, and the items that deviate are compared, attribute by attribute, with what was written down where they
were planted: each must be found, and nothing else. FOLDER is made anew and keeps what was made.
"""
import collections
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys

import yaml

sys.dont_write_bytecode = True
PERIOD = "2025-10-01..2026-09-30"
STARTER, EXAMPLE, FAULTS = "catalog/starter/saas", "examples/year", "test/year/faults"
# What no record can break here. The program refuses a policy whose author approves it. Whether any policy covers a topic is
# one answer for all policies, so where it holds it cannot fail too; the tests' own examples try these.
UNBROKEN = {"GOV-04.T1": "B", "GOV-04.availability": "B", "GOV-04.processing-integrity": "B", "GOV-04.confidentiality": "B",
            "GOV-04.privacy": "B", "GOV-04.privacy-topics": "ABC", "GOV-05.availability": "ABC",
            "GOV-05.confidentiality": "ABC", "GOV-05.processing-integrity": "ABC"}
attest, generate, folder = (os.path.abspath(word) for word in sys.argv[1:4])
data, made = f"{folder}/data", f"{folder}/year"
differences = []


def differ(text):
    differences.append(text)


def run(*words, statuses=(0,), program=attest, **options):
    env = {name: value for name, value in os.environ.items() if not name.startswith("ATTEST_")}
    env.update(ATTEST_DIR=data, ATTEST_AS="person/dana-whitfield")
    done = subprocess.run([program, *words], env=env, capture_output=True, text=True, check=False, **options)
    if done.returncode not in statuses:
        sys.exit(f"{' '.join(words[:6])}: exit {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def documents(pattern):
    for path in sorted(glob.glob(pattern)):
        with open(path, encoding="utf-8") as file:
            yield from (one for one in yaml.load_all(file, yaml.BaseLoader) if one)


def fill():
    """The programme, the documents and the records of the year."""
    sources = [f"{EXAMPLE}/programme/20-sources.yaml", *sorted(glob.glob(f"{STARTER}/sources*.yaml"))]
    series = sorted(glob.glob(f"{EXAMPLE}/series/*.yaml")) + sorted(glob.glob(f"{FAULTS}/*.yaml"))
    run(made, "catalog/populations", *sources, *series, program=generate)
    run("init", data, "--starter", "saas", "--name", "Dana Whitfield")
    run(f"{data}/programme", f"{folder}/adopted", program=f"{EXAMPLE}/adopt.sh")
    for part in (f"{EXAMPLE}/programme", f"{folder}/adopted/2025", f"{folder}/adopted/2026",
                 *sorted(glob.glob(f"{made}/documents-*.yaml"))):
        run("apply", "-f", part, "--yes")
    for path in sorted(glob.glob(f"{made}/*.ndjson") + glob.glob(f"{made}/*.csv")):
        source, rows = os.path.basename(path).rsplit(".", 1)[0], count_rows(path)
        kept = json.loads(run("import", f"source/{source}", path, "--covers", PERIOD, "-o", "json"))["segments"][0]["kept"]
        if kept != rows:
            differ(f"source/{source}: {kept} rows kept of {rows}")


def count_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file)) if path.endswith(".csv") else sum(1 for _ in file)


def key_of(text):
    """An item's key as the truth has it: a list of texts. A key of one column stands as it is."""
    return tuple(str(part) for part in json.loads(text)) if text.startswith("[") else (text,)


def matrix(part):
    """{attribute: {outcome: keys}} of a run."""
    found = {one["id"]: collections.defaultdict(set) for one in part["attributes"]}
    for row in csv.DictReader(io.StringIO(run("test", "items", part["run"], "-o", "csv"), newline="")):
        for attribute, outcomes in found.items():
            outcomes[row[attribute]].add(key_of(row["key"]))
    return found


def compare(part, truth):
    name, planted = part["test"].split("/")[1], 0
    if part["population"]["items"] == 0:
        differ(f"{name}: no item was tested")
    for attribute, outcomes in matrix(part).items():
        for outcome in ("fails", "undecided"):
            wanted = {tuple(key) for key in truth.get(attribute, {}).get(outcome, [])}
            planted += len(wanted)
            for key in sorted(outcomes[outcome] - wanted):
                differ(f"{name} {attribute}: {list(key)} {outcome}, and nothing was planted")
            for key in sorted(wanted - outcomes[outcome]):
                differ(f"{name} {attribute}: {list(key)} was planted and not found ({outcome})")
        if not outcomes["holds"] and not outcomes["fails"]:
            differ(f"{name} {attribute}: nothing is decided")
        # A yearly duty falls due once: it is done or it is not.
        elif part["population"]["items"] > 1 and attribute not in UNBROKEN.get(name, ""):
            if not outcomes["holds"] or not outcomes["fails"]:
                differ(f"{name} {attribute}: is not tried both ways, no item {'fails' if outcomes['holds'] else 'holds'}")
    return planted


def objectives(tests):
    """Those of the 26 (TSP 2009: security to confidentiality with four each, privacy with ten) that tests bear on."""
    return {re.fullmatch(r"tsp-2009/([SAICP]\d+)\.\d+", one)[1] for test in tests for one in test.get("criteria", [])
            if one.startswith("tsp-2009/")}


def main():
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    fill()
    with open(f"{made}/truth.json", encoding="utf-8") as file:
        truth = json.load(file)
    tests = list(documents(f"{STARTER}/tests-*.yaml"))
    runs = {part["test"].split("/")[1]: part
            for part in json.loads(run("test", "run", "--period", PERIOD, "-o", "json", statuses=(1,)))["tests"]}
    planted = 0
    for test in tests:
        if test["id"] not in runs:
            differ(f"{test['id']}: was not run")
            continue
        planted += compare(runs[test["id"]], truth.pop(test["id"], {}))
    for name in truth:
        differ(f"{name}: planted for, and not in the programme")
    of = objectives(test for test in tests if runs.get(test["id"], {}).get("deviations"))
    if len(of) != 26:
        differ(f"deviations in {len(of)} of 26 objectives: {sorted(of)}")
    print(*differences, sep="\n")
    print(f"{len(runs)} tests of {len(of)} objectives, {planted} outcomes planted, {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
