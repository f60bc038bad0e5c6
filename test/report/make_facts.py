#!/usr/bin/env python3
"""Writes the facts that the tests of src/report/ render: test/report/facts/*.json.

Not run by the tests; run it again after changing it, and look at the diff. Everything in the facts is
invented. A file holds the model without the sentences that text.h makes, beside what the auditor
recorded; test/report/render.c puts both together, as the program does from its store.
"""
import hashlib
import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CATALOG = HERE.parent.parent / "catalog"
PERIOD = {"from": "2025-10-01", "to": "2026-09-30"}


def hexes(text):
    return hashlib.sha256(text.encode()).hexdigest()


def criteria(categories):
    rows = yaml.safe_load((CATALOG / "criteria/tsc-2017.yaml").read_text())["criteria"]
    return [row for row in rows if row["category"] in categories]


def starter():
    path = CATALOG / "starter/saas/controls.yaml"
    return [doc for doc in yaml.safe_load_all(path.read_text()) if doc]


POPULATIONS = [
    ("changes", "Production changes", 41207, "environment = 'production'"),
    ("logins", "Sign-ins of staff", 3184402, None),
    ("accounts", "Accounts with access to production", 1264, "scope = 'production'"),
    ("access_grants", "Grants of access", 2318, None),
    ("incidents", "Security incidents", 37, "severity in ('high', 'critical')"),
    ("backups", "Backup jobs", 12045, None),
    ("workers", "Staff who joined or left", 418, None),
    ("alerts", "Alerts of the watch", 98311, None),
    ("restore_tests", "Restore tests", 12, None),
    ("endpoints", "Laptops and workstations", 655, None),
]
ATTRIBUTES = [
    ("Approved by someone other than the person who asked, before it took effect",
     "exists (select 1 from approvals p where p.change_id = item.id and p.actor <> item.author "
     "and p.approved_at <= item.deployed_at)"),
    ("Recorded with its owner, its time and its outcome", "item.owner is not null and item.closed_at is not null"),
    ("Completed within the limit that the policy sets",
     "item.closed_at <= item.opened_at + interval '24' hour"),
]


def population(name, title, items, where, index):
    months = ["2025-10", "2026-01", "2026-04", "2026-07"]
    segments = [{
        "leaf": hexes(f"{name} segment {month}"), "source": f"source/{name.replace('_', '-')}-log",
        "rows": items // 4 + (items % 4 if n == 0 else 0),
        "covers": {"from": f"{month}-01", "to": ["2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30"][n]},
        "digest": "sha256:" + hexes(f"{name} rows {month}"),
        "from": f"{month}-01T00:04:11.000000Z", "to": f"{month}-28T23:58:02.120000Z",
    } for n, month in enumerate(months)]
    return {
        "name": hexes(f"population {name}"), "type": name, "title": title, "where": where, "items": items,
        "digest": "sha256:" + hexes(f"items {name}"), "period": PERIOD, "position": 4100 + index,
        "segments": segments,
        "gaps": [{"from": "2026-02-11", "to": "2026-02-11",
                  "accepted": "The log server was down for three hours; sign-ins of that night were "
                              "taken from the identity provider instead."}] if name == "logins" else [],
        "repeats": 0 if index % 3 else 14, "undated": 1 if name == "incidents" else 0,
        "coverage": "Declared by the source and complete: four quarterly exports cover every day of the period.",
        "reconciliation": [{"with": "deployments", "text": "All 41,207 changes have a deployment and every "
                            "deployment has a change; compared by change number."}] if name == "changes" else [],
        "control_totals": [{"name": "Rows written by the exporter", "value": f"{items:,}"}],
    }


def attributes_of(test, items, fails, undecided):
    result = []
    for n, (title, _) in enumerate(ATTRIBUTES[:test["attributes"]]):
        f = fails if n == 0 else 0
        u = undecided if n == 0 else 0
        result.append({"id": "ABC"[n], "title": title, "holds": items - f - u, "fails": f, "undecided": u})
    return result


EXCEPTIONS = [
    ("chg-11873", "approved by its own author", "random", "The reviewer was away and the rule was not yet set for this branch."),
    ("chg-20551", "approved 38 minutes after deployment", "random", None),
    ("chg-29006", "no approval record", "missing-evidence", "The request was deleted with the project it belonged to."),
    ("chg-33410", "no build for 5c1f0e2", "systematic", None),
]


def make_test(control, number, index):
    name, _, items, _ = POPULATIONS[index % len(POPULATIONS)]
    test = {"attributes": 1 + index % 3}
    found = {4: 4, 11: 1, 17: 12}.get(index, 0)
    reclassified = 1 if index in (4, 9) else 0
    empty = index == 23
    if empty:
        items = 0
    extent = "sample" if index % 7 == 6 and not empty else "full"
    size = min(60, items)
    examined = size if extent == "sample" else items
    found = min(found, examined)
    marked = found + reclassified
    fails = marked - (1 if found > 2 else 0)
    undecided = marked - fails
    exceptions = []
    for n in range(found):
        key, why, klass, reason = EXCEPTIONS[n % 4]
        if n >= 4:
            key = f"chg-{40000 + 137 * n}"
        exceptions.append({"key": [key], "attributes": ["A"], "why": why, "class": klass, "reason": reason})
    ident = f"{control['id']}.T{number}"
    version = 1 + index % 2
    run = hexes(f"run {ident}")
    made = {
        "id": ident, "version": version,
        "nature": ["reperformance", "inspection", "reperformance", "observation"][index % 4],
        "procedure": [
            "Recomputed for every item of the population, from the records of the period, whether each of the "
            "attributes below holds.",
            "Compared the record of every item with the system that it describes, and read the configuration that "
            "enforces the rule.",
            "Carried out the check again for every item, from the raw export, and compared the outcome with the "
            "one on record.",
        ][index % 3],
        "extent": extent,
        "population": {"name": hexes(f"population {name}" + (" empty" if empty else "")), "type": name,
                       "items": items,
                       "digest": "sha256:" + (hexes("") if empty else hexes(f"items {name}"))},
        "sample": {"size": size, "limit": "At most 4.9 % of the items deviate, at a confidence of 95 %."}
        if extent == "sample" else None,
        "period": PERIOD, "run": run,
        "attributes": attributes_of(test, examined, fails, undecided),
        "tested_deviations": marked,
        "concluded": {"deviations": found, "not_deviations": reclassified, "void": 0},
        "result": "did-not-operate" if empty else "exceptions" if found else "no-exceptions",
        "exceptions": exceptions,
        "cause": "Two repositories were created before the rule that protects branches was switched on for all."
        if found == 4 else None,
        "effect": "None of the four reached a component that holds data of customers." if found == 4 else None,
        "other_controls": "The weekly comparison of deployments with approvals (CM-04) found three of the four "
        "within six days." if found == 4 else None,
        "response": {"text": ["Branch protection is now set by the organization for every repository, and new ones "
                              "inherit it. The four changes were reviewed afterwards and needed no correction."],
                     "by": "Ines Okonkwo-Bell, head of engineering"} if found == 4 else None,
    }
    full = {
        "id": ident, "version": version, "control": control["id"], "control_version": 2, "title": None,
        "population": name, "where": None,
        "attributes": [{"id": "ABC"[n], "title": title, "holds": sql,
                        "why": "'approved ' || p.minutes || ' min after deployment'" if n == 0 else None}
                       for n, (title, sql) in enumerate(ATTRIBUTES[:test["attributes"]])],
        "examples": 4 + index % 3, "run": run, "result_digest": "sha256:" + hexes(f"matrix {ident}"),
        "engine": "DuckDB 1.5.6", "performed_at": f"2026-11-{1 + index % 20:02}T09:{index % 60:02}:12.000000Z",
        "performed_by": "person/a-moreau",
        "reclassified": [{"key": ["chg-18044"], "attributes": ["A"], "class": "not-a-deviation",
                          "reason": "The approval is on paper, signed and dated before deployment (blob 51aa0be2c7d4)."}]
        if reclassified else [],
    }
    return made, full


def section4(categories, controls, tested):
    """Each control is set out in the first band that it serves."""
    bands, fulls, used, index = [], [], set(), 0
    for row in criteria(categories):
        ident = f"tsc-2017/{row['id']}"
        rows = []
        for control in controls:
            if ident not in control["criteria"]:
                continue
            first = control["id"] not in used
            used.add(control["id"])
            tests = []
            if first and tested:
                for number in range(1, 2 + (index % 5 == 4)):
                    made, full = make_test(control, number, index)
                    tests.append(made)
                    fulls.append(full)
                    index += 1
            rows.append({"control": {"id": control["id"], "version": 2, "title": control["title"],
                                     "statement": " ".join(control["statement"].split())},
                         "first_here": first, "tests": tests})
        bands.append({"criterion": {"id": ident, "title": row["title"], "text": " ".join(row["text"].split())},
                      "rows": rows, "conclusion": None})
    return bands, fulls


def description(kind):
    met = "met"
    items = [
        ("DC1", "Services provided", [
            "Brackwater Cloud runs the Brackwater Platform, with which freight companies plan, book and follow "
            "shipments. Customers use it through a web application and an interface for their own programs.",
            "The platform holds orders, the positions of vehicles, and the papers that travel with the goods. It holds "
            "no card data and no health data."]),
        ("DC2", "Principal service commitments and system requirements", [
            "Commitments are made in the terms of service and in the service levels of each plan:",
            {"list": ["Customer data is kept apart from that of other customers and encrypted at rest and in transit.",
                      "The platform is available 99.9 % of each calendar month, measured at the edge.",
                      "A security incident that touches customer data is reported to the customer within 48 hours.",
                      "Confidential information is deleted within 30 days of the end of a contract."]},
            "System requirements follow from them: two people for every change, an owner for every alert, and a tested "
            "way back from every backup."]),
        ("DC3", "Components of the system", [
            {"heading": "Infrastructure"},
            "Three zones of one region of Lumen Hosting, with a fourth region that can take over.",
            {"table": {"head": ["Component", "Where", "Purpose"], "rows": [
                ["Edge", "All regions", "Ends TLS, limits rates, blocks known attacks"],
                ["Application", "Two zones", "Serves the web application and the interface"],
                ["Database", "Two zones and a replica", "Keeps orders, positions and papers"],
                ["Object store", "Two regions", "Keeps scanned papers and backups"]]}},
            {"heading": "People"},
            "184 people work for Brackwater Cloud. Engineering, operations and security each have a head who reports to "
            "the chief executive.",
            {"heading": "Procedures"},
            {"steps": ["A change is written in a branch and described in a request.",
                       "Someone else reads and approves it; the build and its tests pass.",
                       "The pipeline deploys it, zone by zone, and watches the error rate."]},
            {"heading": "Data"},
            "Orders come in through the application or the interface, are kept in the database, and leave as papers, "
            "events and exports that the customer asks for."]),
        ("DC4", "Incidents", [
            "One incident in the period made a commitment fail: on 11 February 2026 the platform was not available for "
            "2 hours and 51 minutes after a faulty change to the routing of the edge. The change was taken back, the "
            "check that let it pass was mended, and customers were credited."]),
        ("DC5", "Criteria and controls", ["Section 4 lists the criteria that apply and the controls that serve them."]),
        ("DC6", "Complementary user entity controls", ["They are listed below."]),
        ("DC7", "Subservice organizations", ["They are listed below, with what is assumed of them."]),
        ("DC8", "Criteria that are not relevant", [
            "None of the common criteria and of the criteria for availability and confidentiality is left out."]),
    ]
    result = [{"id": i, "title": t, "status": met, "reason": None, "text": x} for i, t, x in items]
    if kind == "type-1":
        result.append({"id": "DC9", "title": "Changes during the period", "status": "not-applicable",
                       "reason": "The description is as of a date.", "text": []})
    elif kind == "readiness":
        result.append({"id": "DC9", "title": "Changes during the period", "status": "open", "reason": None,
                       "text": []})
    else:
        result.append({"id": "DC9", "title": "Changes during the period", "status": met, "reason": None, "text": [
            "In March 2026 the sign-in of staff moved to a new identity provider. Control LA-03 changed with it; both "
            "versions were tested for the time in which each was in force."]})
    return {
        "title": "Description of the Brackwater Platform",
        "criteria": "DC 200, 2018, with the implementation guidance of 2022",
        "items": result,
        "cuecs": [
            {"id": "CUEC-1", "text": "User entities remove the accounts of people who leave them, within a day.",
             "criteria": ["tsc-2017/CC6.2", "tsc-2017/CC6.3"]},
            {"id": "CUEC-2", "text": "User entities keep the keys of the interface secret and change them when a person "
             "who knew them leaves.", "criteria": ["tsc-2017/CC6.1"]},
            {"id": "CUEC-3", "text": "User entities tell Brackwater Cloud of suspected misuse of their accounts.",
             "criteria": ["tsc-2017/CC7.3"]}],
        "subservice": [
            {"name": "Lumen Hosting", "function": "hosting of servers, storage and networks", "method": "carve-out",
             "criteria": ["tsc-2017/CC6.4", "tsc-2017/A1.2"], "csocs": [
                 {"id": "CSOC-1", "text": "Access to the buildings and rooms that house the equipment is restricted and "
                  "reviewed.", "criteria": ["tsc-2017/CC6.4"], "monitored_by": None},
                 {"id": "CSOC-2", "text": "Power, cooling and fire protection are maintained and tested.",
                  "criteria": ["tsc-2017/A1.2"], "monitored_by": None}]},
            {"name": "Postkontor Mail", "function": "sending of notices to customers", "method": "carve-out",
             "criteria": ["tsc-2017/CC2.3"], "csocs": []}],
    }


def top(kind, ident):
    readiness = kind == "readiness"
    return {
        "schema": "attest-report/1", "kind": kind, "status": "draft" if readiness else "issued",
        "specimen": not readiness, "id": ident, "language": "en",
        "engagement": {"id": ident, "title": f"Brackwater Platform, {'readiness' if readiness else 'examination'} 2026"},
        "organization": {"id": "brackwater", "name": "Brackwater Cloud, Inc.", "city": "Duluth", "country": "United States"},
        "system": {"id": "platform", "name": "Brackwater Platform"},
        "service_auditor": None if readiness else {"firm": "Tilden & Marsh CPAs", "city": "Columbus", "state": "Ohio"},
        "prepared_by": {"name": "Rosa Lindqvist", "role": "head of compliance"} if readiness else None,
        "period": None if kind == "type-1" else PERIOD, "as_of": "2026-09-30" if kind == "type-1" else None,
        "timezone": "America/Chicago",
        **({} if readiness else {"specified_parties": [
            "user entities of the Brackwater Platform during some or all of the period",
            "business partners exposed to risks from it", "prospective user entities", "regulators"]}),
        "categories": ["security", "availability", "confidentiality"],
        "catalog": {"id": "tsc-2017", "title": "Trust Services Criteria 2017, points of focus 2022 (TSP section 100)"},
        "report_date": None if readiness else "2026-11-24", "exceptions_index": True,
        "statement": None, "section1": None, "section2": None,
    }


LEDGER = {"origin": "ledger.brackwater.example/soc2", "size": 4377, "root": hexes("root"),
          "vkey": "ledger.brackwater.example/soc2+9f3c04e2+AQ7VqXxkXk1VvY0b0G3mWc1wS2nq5p0uQbJt9yqJm8Zk"}


def opinion(parts, explanatory=(), effect=()):
    made = {"parts": parts, "explanatory": list(explanatory)}
    if effect:
        made["effect_on_commitments"] = list(effect)
    return made


def clean(part):
    return {"part": part, "variant": "unmodified", "cause": None, "criteria": [], "basis": []}


SIGNATURE = {"firm": "Tilden & Marsh CPAs", "city": "Columbus", "state": "Ohio", "date": "2026-11-24",
             "signer": "Adèle Moreau", "credential": "CPA, Ohio"}


def conclude(bands, kind, bad=()):
    for band in bands:
        good = band["criterion"]["id"] not in bad
        band["conclusion"] = {"design": "suitable",
                              "operating": "not-examined" if kind == "type-1" else
                              "effective" if good else "not-effective",
                              "text": [] if good else ["Approvals were missing or late in 12 of the cases tested, "
                                                       "from one cause that lasted for eleven weeks."]}


def facts(kind, ident, count, categories=("common", "availability", "confidentiality")):
    model = top(kind, ident)
    controls = starter()[:]
    wanted = {f"tsc-2017/{row['id']}" for row in criteria(categories)}
    serving = [c for c in controls if wanted & set(c["criteria"])]
    kept, covered = [], set()
    for control in serving:  # first those that cover something new
        if not (set(control["criteria"]) & wanted) <= covered:
            kept.append(control)
            covered |= set(control["criteria"])
    kept += [c for c in serving if c not in kept]
    kept = kept[:count]
    bands, fulls = section4(categories, kept, kind != "type-1")
    if kind != "readiness":
        bands = [b for b in bands if b["rows"]]
    model["section3"] = description(kind)
    model["section4"] = {"title": "Criteria, controls, tests and results" if kind != "type-1" else
                         "Criteria and controls", "paragraphs": [], "bands": bands}
    model["section5"] = {"title": "Other information", "items": [
        {"title": "Plans for the next year", "text": [
            "Brackwater Cloud plans to move the object store to a second provider in 2027."]},
        {"title": "Other criteria", "text": [{"table": {"head": ["Criterion", "Also speaks to"], "rows": [
            ["CC6.1", "ISO/IEC 27001:2022 A.5.15, A.8.5"], ["CC8.1", "ISO/IEC 27001:2022 A.8.32"]]}}]}]}
    populations = [population(*row, i) for i, row in enumerate(POPULATIONS)]
    for band in bands:
        for row in band["rows"]:
            for test in row["tests"]:
                if test["population"]["items"] == 0:
                    empty = population(test["population"]["type"], "Empty", 0, "severity = 'critical'", 1)
                    empty.update(name=test["population"]["name"], digest=test["population"]["digest"], gaps=[],
                                 reconciliation=[])
                    populations.append(empty)
    sampled = [t for b in bands for r in b["rows"] for t in r["tests"] if t["extent"] == "sample"]
    model["appendices"] = {
        "populations": populations if kind != "type-1" else None,
        "tests": fulls if kind != "type-1" else None,
        "sampling": {"samples": [{
            "test": t["id"], "run": t["run"], "population": t["population"]["name"], "plan": "plan/soc2-2026 version 2",
            "commitment": hexes("commitment " + t["id"]), "committed_at": "2026-10-05T12:00:00.000000Z",
            "seed": hexes("seed " + t["id"]), "algorithm": "rank-sha256 v1", "items": t["population"]["items"],
            "size": t["sample"]["size"], "rule": "Binomial: tolerable 5 %, expected 0 %, risk 5 %, rounded up to 60",
            "limit": t["sample"]["limit"], "selected_by": "person/a-moreau"} for t in sampled],
            "unrevealed": []} if kind == "type-2" and sampled else None,
        "ledger": LEDGER}
    return {"model": model, "recorded": None, "qualifications": []}


def type_2():
    made = facts("type-2", "soc2-2026", 40)
    conclude(made["model"]["section4"]["bands"], "type-2", ("tsc-2017/CC2.2",))
    made["qualifications"] = [{"part": "operating", "criterion": "tsc-2017/CC2.2",
                               "text": "acknowledgements were not collected between 1 February and 18 April 2026."}]
    made["recorded"] = {"addressee": None, "signature": SIGNATURE, "opinion": opinion([
        clean("description"), clean("design"),
        {"part": "operating", "variant": "qualified", "cause": "deficiency", "criteria": ["tsc-2017/CC2.2"],
         "basis": ["Between 1 February and 18 April 2026 the acknowledgements that the control asks for were not "
                   "collected. As a result the controls did not operate effectively during those eleven weeks."]}],
        effect=["The commitment to tell staff of their duties was not achieved in that time. The other principal "
                "commitments and requirements are not affected."])}
    return made


def type_1():
    made = facts("type-1", "soc2-type1-2026", 30)
    conclude(made["model"]["section4"]["bands"], "type-1")
    made["recorded"] = {"addressee": "To the board of directors and management of Brackwater Cloud, Inc.",
                        "signature": SIGNATURE, "opinion": opinion([clean("description"), clean("design")])}
    return made


def readiness():
    made = facts("readiness", "readiness-2026", 24)
    for band in made["model"]["section4"]["bands"]:
        for row in band["rows"]:
            for test in row["tests"]:
                test["concluded"] = None
                while len(test["exceptions"]) < test["tested_deviations"]:
                    test["exceptions"].append({"key": ["chg-18044"], "attributes": ["A"], "why": None, "class": None,
                                               "reason": None})
                test["result"] = ("did-not-operate" if test["population"]["items"] == 0 else
                                  "exceptions" if test["exceptions"] else "no-exceptions")
    for full in made["model"]["appendices"]["tests"]:
        full["reclassified"] = []
    return made


def scripts():
    """Names and texts in many scripts, and what could act on a reader's screen."""
    made = facts("type-2", "scripts-2026", 6, ("common",))
    model = made["model"]
    model["categories"] = ["security"]
    model["organization"] = {"id": "naqil", "name": "شركة ناقل للحوسبة", "city": "دبي", "country": "الإمارات"}
    model["system"] = {"id": "dabar", "name": "מערכת דבר"}
    model["service_auditor"] = {"firm": "Ελεγκτική Αθηνών", "city": "Αθήνα", "state": "Ελλάδα"}
    model["section3"]["items"][0]["text"] = [
        "تقدم الشركة خدمات الحوسبة السحابية لعملائها (SOC 2) منذ عام 2019.",
        "המערכת שומרת נתונים עבור 1,204 לקוחות.",
        "Система хранит данные клиентов в трёх зонах. Ἡ σύστασις. Tiếng Việt: bảo mật. Çığ, žluťoučký kůň.",
        "प्रणाली ग्राहकों का डेटा सुरक्षित रखती है। ระบบเก็บข้อมูลของลูกค้า. მონაცემები. տվյալներ. የደንበኞች መረጃ.",
        "Right to left override: \u202eevil\u202c, isolate \u2066x\u2069, bell \u0007, tab\tand line\nbreak.",
        "<script>alert('x')</script> & \"quotes\" </style><b>not bold</b>",
        "A very long word: " + "abcdefghij" * 24]
    exception = None
    for band in model["section4"]["bands"]:
        for row in band["rows"]:
            for test in row["tests"]:
                if test["exceptions"] and exception is None:
                    exception = test["exceptions"][0]
                    exception["key"] = ["طلب-٤٢", "בקשה-7"]
                    exception["why"] = "معتمد من المؤلف نفسه"
    conclude(model["section4"]["bands"], "type-2")
    made["recorded"] = {"addressee": None,
                        "signature": dict(SIGNATURE, firm="Ελεγκτική Αθηνών", city="Αθήνα", state="Ελλάδα",
                                          signer="Νίκος Παπαδάκης", credential=None),
                        "opinion": opinion([clean("description"), clean("design"), clean("operating")])}
    return made


def no_glyph():
    """A code point that is not assigned, so no font has it: the PDF must say which, and where."""
    made = type_1()
    made["model"]["section3"]["cuecs"][1]["text"] = "User entities keep their keys \u0378 secret."
    return made


def main():
    out = HERE / "facts"
    for name, make in (("type-2", type_2), ("type-1", type_1), ("readiness", readiness), ("scripts", scripts),
                       ("no-glyph", no_glyph)):
        text = json.dumps(make(), ensure_ascii=False, indent=1, sort_keys=True)
        (out / f"{name}.json").write_text(text + "\n")


sys.exit(main())
