"""facts.py MODEL.json ITEMS.csv: what the report says of the test against the list of all items,
which is classified here again."""
import csv
import json
import sys

model = json.load(open(sys.argv[1]))
tests = [test for band in model["section4"]["bands"] for row in band["rows"] for test in row["tests"]]
(test,) = tests
(appendix,) = model["appendices"]["tests"]
rows = list(csv.DictReader(open(sys.argv[2], newline="")))
named = {"s-00007": "void", "s-20000": "intentional", "s-21000": "not-a-deviation"}
keys = sorted(row["key"] for row in rows)
deviations = [key for key in keys if named.get(key, "systematic") in ("systematic", "intentional")]
listed = sorted(deviations, key=lambda key: (key not in named, key))[:1000]

assert [item["key"] for item in test["exceptions"]] == [[key] for key in listed]
assert all(item["class"] == named.get(item["key"][0], "systematic") for item in test["exceptions"])
assert test["exceptions_more"] == len(deviations) - 1000
assert test["tested_deviations"] == len(keys)
assert test["concluded"] == {"deviations": len(deviations), "not_deviations": 1, "void": 1}
assert test["others"]["count"] == len(keys) - len(named)
assert [item["key"] for item in appendix["reclassified"]] == [["s-00007"], ["s-21000"]]
assert "reclassified_more" not in appendix
for text in test["result_text"]:
    print(text)
