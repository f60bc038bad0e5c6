#!/usr/bin/env python3
"""Check the data below catalog/ with a YAML reader that is not the program's own.

Usage: check_catalog.py   (from the project's root; needs python3-yaml)

The program reads these files at run time, so a slip in one of them is a fault no compiler sees: a reference to a
criterion that is not there, a property without a description, a comma that YAML took for the end of a text.
Prints each fault with its file and exits 1 if there is any.
"""
import glob
import os
import re
import sys

import jsonschema
import yaml

faults = []


def fault(where, text):
    faults.append(f"{where}: {text}")


class Strict(yaml.SafeLoader):
    """Equal keys in one mapping are refused, and dates stay texts, as in the program."""


def mapping(loader, node):
    out = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node)
        if key in out:
            raise yaml.constructor.ConstructorError(None, None, f"{key} twice", key_node.start_mark)
        out[key] = loader.construct_object(value_node, deep=True)
    return out


Strict.add_constructor("tag:yaml.org,2002:map", mapping)
Strict.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def read_all(path):
    with open(path, encoding="utf-8") as file:
        return [doc for doc in yaml.load_all(file, Strict) if doc is not None]


def read_folder(folder):
    paths = sorted(glob.glob(f"catalog/{folder}/*.yaml"))
    if not paths:
        fault(f"catalog/{folder}", "no file")
    return {path: read_all(path)[0] for path in paths}


# --- kinds -----------------------------------------------------------------------------------------------------------

KEYWORDS = {
    "type", "enum", "const", "properties", "required", "additionalProperties", "propertyNames", "minProperties",
    "items", "minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
    "default", "description", "x-ref", "x-bare", "x-pin", "x-inverse", "x-text", "x-personal",
    "x-due",
}
TYPES = {"object", "array", "string", "integer", "number", "boolean", "null"}
KIND_KEYS = {"kind", "prefix", "plural", "title", "summary", "area", "name", "entry", "schema"}


def check_schema(where, schema, prefixes, described):
    if not isinstance(schema, dict):
        return fault(where, "not a schema")
    for key, value in schema.items():
        if key not in KEYWORDS:
            fault(where, f"keyword {key} is not in the subset")
        if value is None and key not in ("const", "default"):
            fault(where, f"{key} has no value; is a text with a comma or colon not quoted?")
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if not types and "enum" not in schema and "pattern" not in schema:
        fault(where, "no type")
    if not set(types) <= TYPES:
        fault(where, f"type {types}")
    if described and not str(schema.get("description") or "").strip():
        fault(where, "no description")
    if "enum" in schema and "default" in schema and schema["default"] not in schema["enum"]:
        fault(where, "the default is not one of the choices")
    if "pattern" in schema:
        re.compile(schema["pattern"])
    if schema.get("format") not in (None, "date", "date-time", "timezone"):
        fault(where, f"format {schema['format']}")
    for prefix in schema.get("x-ref", []):
        if prefix not in prefixes:
            fault(where, f"refers to {prefix}, which is no kind")
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in properties:
            fault(where, f"requires {name}, which is no property")
    if properties and schema.get("additionalProperties") is not False:
        fault(where, "unknown properties are not refused")
    for name, part in properties.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            fault(where, f"property {name} is not in snake_case")
        check_schema(f"{where}.{name}", part, prefixes, True)
        if "x-due" in part:
            DUE.append((where, name, part, properties))
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            check_schema(f"{where}[]", schema[key], prefixes, False)


DUE = []


def check_due(where, name, part, properties, by_kind):
    due = part["x-due"]
    if set(due) - {"done", "once", "by", "of"} or due.get("once", True) is not True or ("by" in due) != ("of" in due):
        return fault(where, f"{name} has another x-due than done with once: true, or with by and of")
    if "by" in due:
        if due["by"] not in by_kind:
            return fault(where, f"{name} is done by {due['by']}, which is no kind")
        prefix, properties = where.split("/")[-1].split(".")[0], by_kind[due["by"]]["schema"]["properties"]
        if prefix not in properties.get(due["of"], {}).get("x-ref", []):
            fault(where, f"{due['by']}.{due['of']} names no {prefix}")
        if properties.get(name, {}).get("format") != "date":
            fault(where, f"{due['by']} does not say {name}")
    if part.get("format") != "date" or properties.get(due.get("done"), {}).get("format") != "date":
        fault(where, f"{name} is due, but it or what does it is no date")


def check_kinds(kinds):
    prefixes = {kind["prefix"] for kind in kinds.values()} | {"criterion", "catalog", "run", "file"}
    for key in ("kind", "prefix", "plural"):
        names = [kind[key] for kind in kinds.values()]
        if len(set(names)) != len(names):
            fault("catalog/kinds", f"two kinds have the same {key}")
    for path, kind in kinds.items():
        if os.path.basename(path) != kind["prefix"] + ".yaml":
            fault(path, "is not named after its prefix")
        if set(kind) - {"id_pattern"} != KIND_KEYS:
            fault(path, f"keys {sorted(set(kind) ^ KIND_KEYS)}")
        if kind["name"] not in ("public", "private"):
            fault(path, f"name {kind['name']}")
        if kind["entry"] not in ("resource", "evaluation", "conclusion", "opinion"):
            fault(path, f"entry {kind['entry']}")
        if kind["area"] not in ("people", "programme", "evidence", "examination"):
            fault(path, f"area {kind['area']}")
        if set(kind["schema"]["properties"]) & {"kind", "id", "effective_from", "effective_to"}:
            fault(path, "declares what belongs to every kind")
        check_schema(path, kind["schema"], prefixes, False)
    by_kind = {kind["kind"]: kind for kind in kinds.values()}
    for due in DUE:
        check_due(*due, by_kind)


def check_grant(where, grant, kind, roles):
    """One line of `write`: its words, its roles and its fields exist."""
    if set(grant) - {"side", "of", "who", "when", "roles", "fields"}:
        fault(where, f"keys {sorted(grant)}")
    if grant.get("side") not in ("management", "auditor", "system"):
        fault(where, f"side {grant.get('side')}")
    if grant.get("of", "auditor") not in ("management", "auditor") or grant.get("who", "self") != "self":
        fault(where, f"of {grant.get('of')}, who {grant.get('who')}")
    if grant.get("when", "first") not in ("first", "built-in", "unkeyed"):
        fault(where, f"when {grant['when']}")
    for role in set(grant.get("roles", [])) - roles:
        fault(where, f"no role {role}")
    for field in set(grant.get("fields", [])) - fields_of(kind):
        fault(where, f"{kind['kind']} has no field {field}")


def fields_of(kind):
    return set(kind["schema"]["properties"]) | {"effective_from", "effective_to", "imported_from"}


def check_access(access, kinds):
    """Every kind stands in access.yaml, and somebody writes each of its fields."""
    where = "catalog/access.yaml"
    by_kind = {kind["kind"]: kind for kind in kinds.values()}
    roles = set(by_kind["Person"]["schema"]["properties"]["roles"]["items"]["enum"])
    if set(access) != {"rules", "kinds"} or list(access["rules"]) != list(range(1, 10)):
        fault(where, "has not the nine rules and the kinds")
    for name in set(access["kinds"]) ^ set(by_kind):
        fault(where, f"{name}: no entry, or no such kind")
    for name, entry in access["kinds"].items():
        at, kind = f"{where}: {name}", by_kind.get(name)
        if not kind:
            continue
        if not {"rule", "write", "read"} <= set(entry) <= {"rule", "write", "read", "own", "signed"}:
            fault(at, f"keys {sorted(entry)}")
        if entry["rule"] not in access["rules"] or entry["read"] != "all":
            fault(at, f"rule {entry['rule']}, read {entry['read']}")
        for grant in entry["write"]:
            check_grant(at, grant, kind, roles)
        written = [set(grant.get("fields", fields_of(kind))) for grant in entry["write"] if grant["side"] != "system"]
        for field in fields_of(kind) - set().union(*written):
            fault(at, f"nobody writes {field}")
        for field in entry.get("own", []):
            if "person" not in kind["schema"]["properties"].get(field, {}).get("x-ref", []):
                fault(at, f"own: {field} names no person")


def validate(where, value, schema):
    """As much of JSON Schema as the catalogue's own resources need."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    python = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int,
              "number": (int, float)}
    if types and not any(isinstance(value, python[name]) for name in types):
        return fault(where, f"is {value!r}, not {types}")
    if "enum" in schema and value not in schema["enum"]:
        fault(where, f"{value!r} is not one of {schema['enum']}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        fault(where, f"{value!r} does not match {schema['pattern']}")
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            fault(where, "too few items")
        if schema.get("uniqueItems") and len({str(item) for item in value}) != len(value):
            fault(where, "an item twice")
        for number, item in enumerate(value):
            validate(f"{where}[{number}]", item, schema.get("items", {}))
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                fault(where, f"lacks {name}")
        for name, part in value.items():
            if name in schema.get("properties", {}):
                validate(f"{where}.{name}", part, schema["properties"][name])
            elif schema.get("additionalProperties") is False:
                fault(where, f"unknown property {name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                validate(f"{where}.{name}", part, schema["additionalProperties"])
            if "propertyNames" in schema:
                validate(f"{where} name", name, schema["propertyNames"])


def resources(paths, kinds):
    """The resources in these files by name, each checked against its kind."""
    by_kind = {kind["kind"]: kind for kind in kinds.values()}
    found = {}
    for path in paths:
        for doc in read_all(path):
            kind = by_kind.get(doc.get("kind"))
            where = f"{path}: {doc.get('id')}"
            if not kind or not re.fullmatch(r"[A-Za-z0-9._-]{1,128}", str(doc.get("id"))):
                fault(where, "no such kind, or no id")
                continue
            name = f"{kind['prefix']}/{doc['id']}"
            if name in found:
                fault(where, "twice")
            found[name] = doc
            body = {key: value for key, value in doc.items() if key not in ("kind", "id")}
            validate(where, body, kind["schema"])
    return found


# --- population types ------------------------------------------------------------------------------------------------


def check_populations(kinds):
    paths = sorted(glob.glob("catalog/populations/*.yaml"))
    types = resources(paths, kinds)
    wanted = "changes approvals builds deployments commits releases workers accounts access_grants logins incidents backups"
    for name in wanted.split():
        if f"population-type/{name}" not in types:
            fault("catalog/populations", f"no {name}")
    for path in paths:
        doc = read_all(path)[0]
        columns = doc["columns"]
        if os.path.basename(path) != doc["id"].replace("_", "-") + ".yaml":
            fault(path, "is not named after its id")
        for name in doc["key"]:
            if name not in columns or columns[name].get("personal") or not columns[name].get("required"):
                fault(path, f"key column {name} is missing, personal or not required")
        for field in ("time", "observed_at"):
            if field in doc and columns.get(doc[field], {}).get("type") != "timestamp":
                fault(path, f"{field} is no timestamp column")
        for name in [doc.get("revision", doc["time"])] + doc.get("totals", []):
            if name not in columns:
                fault(path, f"no column {name}")
        if (doc.get("shape") == "state") != ("observed_at" in doc):
            fault(path, "a state needs observed_at, and only a state has it")
    return types


# --- criteria, crosswalks, starter controls --------------------------------------------------------------------------

CRITERION = {"id", "group", "category", "title", "text", "basis", "points", "note"}
BASES = {"public-copy", "public-headings", "general-knowledge", "recalled-position", "placeholder"}
CATEGORIES = {"common", "security", "availability", "processing-integrity", "confidentiality", "privacy", "description"}
COUNTS = {"tsc-2017": (61, 20), "tsp-2014": (116, 20), "tsp-2009": (136, 26), "ccsm": (27, 1), "dc-2018": (9, 1)}


def check_criteria():
    names = {}
    for path, doc in read_folder("criteria").items():
        catalog = doc["catalog"]
        if os.path.basename(path) != catalog + ".yaml":
            fault(path, "is not named after its catalogue")
        if doc["type"] not in ("criteria", "objectives", "description-criteria"):
            fault(path, f"type {doc['type']}")
        for key in ("title", "edition", "in_force", "notes", "groups", "criteria"):
            if not doc.get(key):
                fault(path, f"no {key}")
        groups = {group["id"]: group for group in doc["groups"]}
        if (len(doc["criteria"]), len(groups)) != COUNTS[catalog]:
            fault(path, f"{len(doc['criteria'])} criteria in {len(groups)} groups")
        for criterion in doc["criteria"]:
            where = f"{path}: {criterion['id']}"
            if not set(criterion) <= CRITERION or CRITERION - set(criterion) - {"note"}:
                fault(where, f"fields {sorted(set(criterion) ^ CRITERION)}")
            if criterion["group"] not in groups or groups[criterion["group"]]["category"] != criterion["category"]:
                fault(where, "group or category")
            if criterion["category"] not in CATEGORIES or criterion["basis"] not in BASES:
                fault(where, "category or basis")
            if not criterion["title"] or not criterion["text"]:
                fault(where, "no title or text")
            name = f"{catalog}/{criterion['id']}"
            if name in names:
                fault(where, "twice")
            names[name] = criterion
    for name, criterion in names.items():
        for point in criterion["points"]:
            if not point["title"] or not set(point) <= {"id", "title", "only_when", "same_as"}:
                fault(name, f"point {point}")
            if "same_as" in point and names.get(point["same_as"], {}).get("title") != point["title"]:
                fault(name, f"point {point['id']} is not {point['same_as']}")
    common = sum(name.startswith("tsp-2014/") and c["category"] != "privacy" for name, c in names.items())
    points = sum(len(c["points"]) for name, c in names.items() if name.startswith("tsc-2017/"))
    if (common, points) != (43, 330):
        fault("catalog/criteria", f"tsp-2014 has {common} beside privacy, tsc-2017 has {points} points of focus")
    return names


def check_crosswalks(names):
    path = "catalog/crosswalks.yaml"
    doc = read_all(path)[0]
    catalogs = {name.split("/")[0] for name in names}
    outside = {framework["id"] for framework in doc["frameworks"]}
    for walk in doc["crosswalks"]:
        where = f"{path}: {walk['id']}"
        if walk["id"] != f"{walk['from']}-to-{walk['to']}" or walk["to"] not in catalogs | outside:
            fault(where, "from or to")
        sources = [row["from"] for row in walk["rows"]]
        if len(set(sources)) != len(sources):
            fault(where, "two rows from one entry")
        if {f"{walk['from']}/{x}" for x in sources} != {name for name in names if name.startswith(walk["from"] + "/")}:
            fault(where, "an entry without a row, or a row without an entry")
        for row in walk["rows"]:
            if walk["to"] in catalogs:
                for target in row["to"]:
                    if f"{walk['to']}/{target}" not in names:
                        fault(where, f"{row['from']}: no {walk['to']}/{target}")
            if len(set(row["to"])) != len(row["to"]) or not set(row.get("agrees", [])) <= set(row["to"]):
                fault(where, f"{row['from']}: targets")
            if row["relation"] not in ("overlaps", "same", "placeholder"):
                fault(where, f"{row['from']}: relation {row['relation']}")


def near(criteria, walks):
    """The criteria themselves and those that a crosswalk puts beside one of them."""
    found = set(criteria)
    for walk in walks:
        for row in walk["rows"]:
            start, targets = f"{walk['from']}/{row['from']}", {f"{walk['to']}/{target}" for target in row["to"]}
            if start in criteria:
                found |= targets
            if targets & set(criteria):
                found.add(start)
    return found


def check_tests(names, kinds, types, found):
    """What the program does not ask of a test, and the starter tests promise."""
    derived = {re.sub(r"(?<!^)(?=[A-Z])", "_", kind["kind"]).lower() + "_versions" for kind in kinds.values()}
    derived.add("occurrences")
    walks = read_all("catalog/crosswalks.yaml")[0]["crosswalks"]
    for name, source in found.items():
        if name.startswith("source/"):
            columns = types.get(f"population-type/{source['population']}", {"columns": {}})["columns"]
            # Without `fields`, columns are read from fields of their own name.
            fields = source.get("fields", columns)
            for column in set(fields) - set(columns):
                fault(name, f"there is no column {column}")
            for column, spec in columns.items():
                if spec.get("required") and column not in fields:
                    fault(name, f"the required column {column} has no field")
    for name, test in found.items():
        if not name.startswith("test/"):
            continue
        control = found.get(test["control"])
        if control is None:
            fault(name, f"no {test['control']}")
            continue
        if f"population-type/{test['population']}" not in types and test["population"] not in derived:
            fault(name, f"no population type {test['population']}")
        for criterion in test.get("criteria", []):
            if criterion not in names:
                fault(name, f"no {criterion}")
            elif criterion not in near(control["criteria"], walks):
                fault(name, f"{criterion} is far from what {test['control']} serves")
        for catalog in ("tsp-2009", "tsp-2014", "tsc-2017"):
            if not any(criterion.startswith(catalog + "/") for criterion in test.get("criteria", [])):
                fault(name, f"names nothing of {catalog}")
        for attribute in test["attributes"]:
            if not attribute.get("why"):
                fault(name, f"attribute {attribute['id']} does not say why")
            for outcome in ("holds", "fails"):
                if not any(example["expect"].get(attribute["id"]) == outcome for example in test.get("examples", [])):
                    fault(name, f"attribute {attribute['id']} has no example that {outcome}")
        for parameter in test.get("parameters", []):
            if parameter["type"] in ("integer", "decimal") and not {"minimum", "maximum"} <= set(parameter):
                fault(name, f"parameter {parameter['id']} has no bounds")


def check_starter(names, kinds, types):
    found = resources(sorted(glob.glob("catalog/starter/saas/*.yaml")), kinds)
    controls = {name: doc for name, doc in found.items() if name.startswith("control/")}
    served = set()
    for name, control in controls.items():
        served |= set(control["criteria"])
        if control["owner"] not in found:
            fault(name, f"owner {control['owner']} is not in the starter set")
        for criterion in control["criteria"]:
            if criterion not in names:
                fault(name, f"no {criterion}")
    check_tests(names, kinds, types, found)
    if len(controls) != 90:
        fault("catalog/starter/saas", f"{len(controls)} controls")
    bare = {name for name in names if name.startswith(("tsc-2017/", "tsp-2009/"))} - served
    if bare != {"tsp-2009/S4.4"}:
        fault("catalog/starter/saas", f"no control for {sorted(bare)}")


def check_sheet(names):
    path = "catalog/scheme-sheet.yaml"
    doc = read_all(path)[0]
    if [part["number"] for part in doc["parts"]] != [1, 2, 3, 4, 5]:
        fault(path, "parts")
    objectives = doc["parts"][4]["objectives"]
    groups = read_all("catalog/criteria/tsp-2009.yaml")[0]["groups"]
    if [(o["number"], o["id"], o["name"]) for o in objectives] != [(g["number"], g["id"], g["title"]) for g in groups]:
        fault(path, "objectives are not the groups of tsp-2009")
    references = [f"tsp-2009/{ref}" for objective in objectives for ref in objective["references"]]
    if len(references) != 136 or references != [name for name in names if name.startswith("tsp-2009/")]:
        fault(path, f"{len(references)} references, or not those of tsp-2009 in their order")
    for objective in objectives:
        for ref in objective["references"]:
            if names[f"tsp-2009/{ref}"]["group"] != objective["id"]:
                fault(path, f"{ref} is not in {objective['id']}")
        written = re.split(r", ?", objective["as_written"])
        span = re.fullmatch(r"(\w+)\.1 - \1\.(\d+)", objective["as_written"])
        if span:
            written = [f"{span[1]}.{number}" for number in range(1, int(span[2]) + 1)]
        if written != objective["references"]:
            fault(path, f"{objective['id']} is not expanded as written")
    for anomaly in doc["anomalies"]:
        for ref in anomaly["references"]:
            if f"tsp-2009/{ref}" not in names:
                fault(path, f"anomaly names {ref}")


def check_presets(kinds):
    """Each preset by its schema; fields are those of its kind, columns those of its type."""
    schema = read_all("catalog/preset.yaml")[0]
    schemas = {kind["kind"]: kind["schema"]["properties"] for kind in kinds.values()}
    columns = {doc["id"]: doc["columns"] for doc in (read_all(p)[0] for p in sorted(glob.glob("catalog/populations/*.yaml")))}
    common = {"id", "effective_from", "effective_to"}
    for path in sorted(glob.glob("catalog/presets/*.yaml")):
        preset = read_all(path)[0]
        for error in jsonschema.Draft202012Validator(schema).iter_errors(preset):
            fault(path, error.message)
        if f"catalog/presets/{preset['preset']}.yaml" != path:
            fault(path, f"is called {preset['preset']}")
        if ("source" in preset) == ("documents" in preset):
            fault(path, "makes documents or a source")
        for document in preset.get("documents", []):
            for field in document["fields"]:
                if field not in schemas.get(document["kind"], {}) and field not in common:
                    fault(path, f"{document['kind']} has no {field}")
        source = preset.get("source", {})
        for part in ("fields", "constants", "values", "days"):
            for column in source.get(part, {}):
                if column not in columns[source["population"]]:
                    fault(path, f"{source['population']} has no {column}")


def main():
    kinds = read_folder("kinds")
    check_kinds(kinds)
    check_access(read_all("catalog/access.yaml")[0], kinds)
    types = check_populations(kinds)
    names = check_criteria()
    check_crosswalks(names)
    check_starter(names, kinds, types)
    check_sheet(names)
    check_presets(kinds)
    for line in faults:
        print(line)
    print(f"{len(kinds)} kinds, {len(types)} population types, {len(names)} criteria, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
