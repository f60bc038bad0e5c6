"""The starter set applied, the quarter imported, the tests run and compared with what was planted."""
import json
import os
import subprocess
import sys

import yaml

from quarter import later, records, resources, truth

FAMILIES = ("avl", "pri", "con", "prv")


class Program:
    def __init__(self, attest, folder):
        self.attest, self.data = os.path.abspath(attest), os.path.join(folder, "data")
        self.env = {**os.environ, "ATTEST_AS": "person/ann"}

    def __call__(self, *words, statuses=(0,)):
        done = subprocess.run([self.attest, *words], cwd=os.path.dirname(self.data), env=self.env, capture_output=True, text=True)
        if done.returncode not in statuses:
            sys.exit(f"attest {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def starter_tests():
    names, kinds = [], {}
    for family in FAMILIES:
        with open(f"catalog/starter/saas/tests-{family}.yaml", encoding="utf-8") as file:
            for test in yaml.load_all(file, yaml.BaseLoader):
                if test and test["population"] != "occurrences":  # what is due depends on the programme's own dates
                    names.append(test["id"])
                    kinds[test["id"]] = test["population"]
    return names, kinds


def load(program, folder):
    people = [{"kind": "Person", "id": name, "name": name.upper()} for name in "ab"]
    documents = people + resources + [{"kind": "Source", "id": "in-" + kind.replace("_", "-"), "population": kind, "reader": "ndjson"} for kind in records]
    for part in (documents, later):
        with open(os.path.join(folder, "programme.yaml"), "w", encoding="utf-8") as file:
            yaml.safe_dump_all([{name: value for name, value in document.items() if value is not None} for document in part], file, sort_keys=False)
        program("-C", program.data, "apply", "-f", "programme.yaml", "--yes")
    for kind, rows in records.items():
        with open(os.path.join(folder, kind + ".ndjson"), "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        program("-C", program.data, "import", "source/in-" + kind.replace("_", "-"), kind + ".ndjson")


def compare(program, names, populations):
    faults = deviations = 0
    out = program("-C", program.data, "test", "run", *["test/" + name for name in names], "--period", "2026-01-01..2026-03-31", "-o", "json", statuses=(0, 1))
    for done in json.loads(out)["tests"]:
        name = done["test"].split("/")[1]
        if done["population"]["items"] == 0:
            print(f"{name}: no item was tested")
            faults += 1
        found = {}
        if done["deviations"]:
            for item in json.loads(program("-C", program.data, "test", "items", done["run"], "--only", "deviations", "-o", "json")):
                key = tuple(item.pop("key"))
                found[key] = {attribute: outcome for attribute, outcome in item.items() if outcome in ("fails", "undecided")}
        deviations += len(found)
        wanted = truth.get(name, {})
        for key in sorted(set(found) | set(wanted)):
            if found.get(key) != wanted.get(key):
                print(f"{name} {list(key)}: planted {wanted.get(key)}, found {found.get(key)}")
                faults += 1
    return faults, deviations
