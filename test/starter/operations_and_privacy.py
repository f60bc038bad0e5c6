#!/usr/bin/env python3
"""Run the starter tests of availability, processing integrity, confidentiality and privacy on records whose faults are known.

Usage: operations_and_privacy.py ATTEST   (from the project's root)

A quarter of an invented company is written as NDJSON and YAML, mostly sound, with some faults planted; beside it stands
what each test must find. The starter set is applied, the records are imported, every test of these families is run, and
the items that deviate are compared with what was planted, attribute by attribute: each must be found, and nothing else.
Figures that a report claims (uptime, shares without probes) are computed here in another way than the tests do.
"""
import sys
import tempfile
from datetime import datetime, timedelta

from quarter import DAY, FROM, HOUR, MINUTE, add, at, later, planted, records, resource, state, text, truth
from starter_run import Program, compare, load, starter_tests


# ---- availability ----


def probes():
    """A probe each ten minutes; slots of ten minutes, so that each probe is a slot."""
    step = 10 * MINUTE
    down = {"shop": [(at(2, 10, 10), at(2, 10, 12)), (at(1, 20, 5), at(1, 20, 5, 20))], "mail": [(at(1, 15, 3), at(1, 15, 4))]}
    silent = {"shop": [], "mail": [(at(3, 5), at(3, 5, 6))]}
    within = lambda time, spans: any(start <= time < end for start, end in spans)
    for service in down:
        for month in (1, 2, 3):
            start, end = at(month, 1), at(month + 1, 1)
            slots = up = unknown = 0
            time = start
            while time < end:
                slots += 1
                if within(time, silent[service]):
                    unknown += 1
                else:
                    ok = not within(time, down[service])
                    up += ok
                    add("probes", service=service, place="fra", ok=ok, every_seconds=600, probed_at=time + 7 * timedelta(seconds=1))
                time += step
            uptime, gap = 100 * up / slots, 100 * unknown / slots
            if (service, month) == ("mail", 3):  # the hours that nobody asked are claimed as up
                uptime, gap = uptime + gap, 0
                planted("AVL-02.T1", service, f"2026-{month:02}", A="fails", B="fails")
            below = uptime < 99.9
            if (service, month) == ("shop", 2):
                planted("AVL-02.T2", service, f"2026-{month:02}", B="undecided")
            add("uptime_reports", service=service, month=f"2026-{month:02}", month_from=start, month_to=end, slot_seconds=600,
                committed_percent="99.9", uptime_percent=f"{uptime:.6f}", unknown_percent=f"{gap:.6f}", reported_at=end + DAY,
                told_at=end + 5 * DAY if below else None,
                credited_at=end + 20 * DAY if below and (service, month) != ("shop", 2) else None)
    # The two slots of 20 January are in no register; the second is followed by an answer.
    planted("AVL-02.T4", "shop", "fra", at(1, 20, 5) + timedelta(seconds=7), A="fails")
    add("outages", id="o1", service="shop", started_at=at(2, 10, 10), ended_at=at(2, 10, 12), updated_at=at(2, 11))
    add("outages", id="o2", service="mail", started_at=at(1, 15, 3), ended_at=at(1, 15, 4), updated_at=at(1, 16))
    add("outages", id="o3", service="mail", started_at=at(1, 17, 3), ended_at=at(1, 17, 3, 10), updated_at=at(1, 18))  # short
    add("status_notices", id="n1", outage_id="o1", audience="public", published_at=at(2, 10, 10, 30))
    add("status_notices", id="n2", outage_id="o2", audience="public", published_at=at(1, 15, 4, 1))
    planted("AVL-02.T3", "o2", A="fails")


def availability():
    probes()
    for hour in range(48):
        full = hour in (20, 30)
        add("capacity_points", resource="vol-1", metric="disk", used="90" if full else "60", capacity="100", every_seconds=3600, measured_at=at(1, 5) + hour * HOUR)
    planted("AVL-01.T2", "vol-1", "disk", at(1, 5) + 30 * HOUR, A="fails")
    add("alerts", id="al1", **{"class": "capacity"}, resource="vol-1", raised_at=at(1, 5, 20, 5), acknowledged_at=at(1, 5, 21), action="cleaned", closed_at=at(1, 5, 23), updated_at=at(1, 6))
    add("alerts", id="al2", **{"class": "capacity"}, resource="vol-2", raised_at=at(2, 5, 20), acknowledged_at=at(2, 7, 21), closed_at=at(2, 8), updated_at=at(2, 9))
    planted("AVL-01.T1", "al2", A="fails", B="fails")
    # Backups each night at two; an inventory each Saturday.
    saturdays = [at(1, 3, 8) + 7 * n * DAY for n in range(13)]
    stores = [dict(id="db1", backup_required=True, personal_data=True, encrypted=True, classification="restricted"),
              dict(id="db2", backup_required=True, personal_data=False, encrypted=True, classification="restricted"),
              dict(id="logs", backup_required=False, personal_data=False, encrypted=False, classification="public")]
    state("data_stores", [at(6, 1, year=2024)] + saturdays, stores)
    add("data_stores", id="tmp", backup_required=False, personal_data=True, encrypted=False, classification="restricted", observed_at=saturdays[4])
    planted("ENC-02.personal-stores", "tmp", saturdays[4], A="fails")
    planted("CON-01.T2", "tmp", saturdays[4], A="fails")
    for store in ("db1", "db2"):
        for number in range(-2, 92):
            time = FROM + number * DAY + 2 * HOUR
            status, name = "succeeded", f"{store}-{time:%m%d}"
            if (store, time.month, time.day) == ("db2", 2, 14):  # never ran
                planted("AVL-03.T2", "db2-0213", A="fails")
                planted("AVL-03.T1", "db2", at(2, 14, 8), A="fails")
                continue
            if (store, time.month) == ("db1", 3) and time.day in (3, 17):
                status = "failed"
            if (store, time.month, time.day) == ("db1", 3, 18):
                continue
            add("backups", id=name, store=store, status=status, location="eu-central", finished_at=time)
            if status == "succeeded" and name != "db2-0120":
                add("backup_copies", id="c-" + name, backup_id=name, status="succeeded", to_region="eu-central" if name == "db2-0121" else "eu-west", copied_at=time + HOUR)
    add("backups", id="db1-0303-again", store="db1", status="succeeded", rerun_of="db1-0303", location="eu-central", finished_at=at(3, 3, 3, 30))
    add("backup_copies", id="c-again", backup_id="db1-0303-again", status="succeeded", to_region="eu-west", copied_at=at(3, 3, 5))
    planted("AVL-03.T2", "db1-0316", A="fails")
    planted("AVL-03.T3", "db1-0317", A="fails")
    planted("AVL-06.T1", "db2-0120", A="fails", B="fails")
    planted("AVL-06.T1", "db2-0121", B="fails")
    same = dict(rows_expected=10, digest_expected="ab")
    add("restore_tests", id="r0", store="db1", status="succeeded", tested_at=at(10, 1, year=2025), rows_restored=10, digest_restored="ab", **same)
    add("restore_tests", id="r1", store="db2", status="succeeded", tested_at=at(11, 1, year=2024), rows_restored=10, digest_restored="ab", **same)
    add("restore_tests", id="r2", store="db1", status="succeeded", tested_at=at(1, 20), rows_restored=10, digest_restored="ab", **same)
    add("restore_tests", id="r3", store="db1", status="failed", tested_at=at(2, 20), rows_restored=9, digest_restored="cd", **same)
    planted("AVL-04.T1", "r3", A="fails", B="fails", C="fails")
    for time in saturdays:
        planted("AVL-04.T2", "db2", time, A="fails")
    add("safeguard_checks", id="s1", safeguard="generator", area="environmental", due_at=at(2, 1), checked_at=at(2, 3), result="passed", updated_at=at(2, 4))
    add("safeguard_checks", id="s2", safeguard="fire alarm", area="environmental", due_at=at(2, 1), checked_at=at(3, 3), result="failed", updated_at=at(3, 4))
    planted("AVL-07.T1", "s2", A="fails", B="fails")
    add("maintenance_notices", id="m1", service="shop", announced_at=at(3, 1), starts_at=at(3, 10, 22), ends_at=at(3, 11, 2), work_began_at=at(3, 10, 22), work_ended_at=at(3, 11, 1), updated_at=at(3, 12))
    add("maintenance_notices", id="m2", service="shop", announced_at=at(3, 19), starts_at=at(3, 20, 22), ends_at=at(3, 21, 2), work_began_at=at(3, 20, 22), work_ended_at=at(3, 21, 3), updated_at=at(3, 22))
    planted("COM-04.maintenance", "m2", A="fails", B="fails")
    resource("RecoveryTarget", "shop", title="Shop", service="shop", recovery_minutes=240, loss_minutes=15, author="person/a", approver="person/b", approved_on="2025-06-01", since=at(6, 1, year=2025))
    add("recovery_measurements", id="x1", service="shop", began_at=at(2, 1, 8), data_as_of=at(2, 1, 7, 50), recovered_at=at(2, 1, 11))
    add("recovery_measurements", id="x2", service="shop", began_at=at(3, 1, 8), data_as_of=at(3, 1, 7, 30), recovered_at=at(3, 1, 12, 1))
    planted("AVL-05.T1", "x2", A="fails", B="fails")
    add("recovery_measurements", id="x3", service="mail", began_at=at(3, 2, 8), data_as_of=at(3, 2, 7, 50), recovered_at=at(3, 2, 9))
    planted("AVL-05.T1", "x3", A="undecided", B="undecided")
    resource("RecoveryTarget", "search", title="Search", service="search", recovery_minutes=60, loss_minutes=5, author="person/a", approver="person/b", approved_on="2025-06-01", since=at(6, 1, year=2025))
    planted("AVL-05.T2", "search", 1, A="fails")
    for month in ("2026-01", "2026-02", "2026-03"):
        planted("GOV-05.recovery-targets", "mail", month, A="fails", B="fails")


# ---- processing integrity ----


def run(name, time, /, flow="billing", **other):
    row = dict(status="succeeded", input_count=100, processed_count=97, rejected_count=1, pending_count=2, input_sum="1000.50", processed_sum="970.50",
               rejected_sum="10", pending_sum="20", output_count=97, output_sum="970.50", processed_hash=name, output_hash=name)
    row.update(other)
    add("flow_runs", id=name, flow=flow, started_at=time - HOUR, finished_at=time, **row)
    if row["status"] == "succeeded" and name not in ("run-12", "run-13"):
        add("reconciliations", id="c-" + name, run_id=name, flow=flow, difference_count=0, difference_sum="0", reconciled_at=time + 2 * HOUR)


def processing():
    whole = dict(inputs="usage", rules="rating", outputs="invoices", tolerances="none", error_path="queue", error_rate_percent=1, author="person/a", approver="person/b")
    resource("ProcessingSpecification", "billing", title="Billing", approved_on="2025-02-01", published_on="2025-02-01", since=at(2, 1, year=2025), **whole)
    resource("ProcessingSpecification", "export", title="Export", inputs="invoices", rules="copy", outputs="files", author="person/a", approver="person/b", approved_on="2026-02-10", published_on="2026-02-12", since=at(2, 1))
    planted("PRI-01.T1", "export", 1, B="fails", C="fails")
    planted("PRI-01.T3", "export", 1, A="fails")
    for number in range(1, 20):
        run(f"run-{number}", at(1, number, 3), **{
            5: dict(pending_count=1),  # one lost
            6: dict(processed_sum="970.49", output_sum="970.49"),
            7: dict(output_count=98),
            8: dict(output_hash="other"),
            9: dict(rejected_count=2, processed_count=96, output_count=96),
            10: dict(status="failed"),
            11: dict(status="failed"),
        }.get(number, {}))
    run("run-10b", at(1, 10, 9), rerun_of="run-10")
    planted("PRI-03.T1", "run-5", A="fails")
    planted("PRI-03.T1", "run-6", B="fails")
    planted("PRI-03.T1", "run-7", C="fails")
    planted("PRI-03.T1", "run-8", D="fails")
    planted("PRI-03.T6", "run-9", A="fails")
    planted("PRI-04.T2", "run-11", A="fails")
    add("reconciliations", id="c-run-13", run_id="run-13", flow="billing", difference_count=1, difference_sum="5", reconciled_at=at(1, 13, 6))
    planted("PRI-03.T4", "run-12", A="fails")
    planted("PRI-03.T4", "run-13", B="fails")
    run("export-1", at(2, 5, 3), flow="export", rejected_count=0, processed_count=98, output_count=98)
    planted("PRI-01.T2", "export-1", A="fails")
    planted("PRI-03.T6", "export-1", A="undecided")
    add("reconciliation_breaks", id="b1", reconciliation_id="c-x", cause="late file", fix="run again", fixed_by="ann", approved_by="bob", opened_at=at(2, 3, 3), cleared_at=at(2, 3, 9), updated_at=at(2, 4))
    add("reconciliation_breaks", id="b2", reconciliation_id="c-y", fix="run again", fixed_by="ann", approved_by="ann", opened_at=at(2, 3, 3), cleared_at=at(2, 6), updated_at=at(2, 7))
    planted("PRI-03.T5", "b2", A="fails", B="fails", C="fails")
    good = dict(flow="billing", run_id="run-1", schema_ok=True, range_ok=True, authorised=True, outcome="accepted")
    for number in range(40):
        add("flow_inputs", id=f"i{number}", business_key=f"k{number}", amount="10", received_at=at(1, 1, 1) + number * MINUTE, **good)
        add("flow_outputs", id=f"o{number}", flow="billing", run_id="run-1", input_id=f"i{number}", produced_at=at(1, 1, 2))
    add("flow_inputs", id="twin", business_key="k7", received_at=at(1, 2), **{**good, "range_ok": False, "authorised": False})
    planted("PRI-02.T1", "billing", "twin", A="fails", B="fails", C="fails")
    planted("PRI-03.T2", "billing", "twin", A="fails")
    add("flow_outputs", id="ghost", flow="billing", run_id="run-1", input_id="nothing", produced_at=at(1, 1, 2))
    planted("PRI-03.T3", "billing", "ghost", A="fails")
    for name in ("j1", "j2"):
        add("flow_inputs", id=name, received_at=at(1, 3), **{**good, "outcome": "rejected"})
    add("rejects", id="x1", flow="billing", input_id="j1", reason="unknown customer", resolution="corrected", resolved_by="ann", rejected_at=at(1, 8, 9), resolved_at=at(1, 12, 9), updated_at=at(1, 13))  # Thursday to Monday
    add("rejects", id="x2", flow="billing", input_id="j9", reason="double", resolution="discarded", resolved_by="ann", approved_by="ann", rejected_at=at(1, 5, 9), resolved_at=at(1, 8, 9), updated_at=at(1, 9))
    planted("PRI-02.T2", "billing", "j2", A="fails")
    planted("PRI-02.T3", "x2", A="fails", B="fails")
    add("processing_errors", id="e1", flow="billing", corrected_by="ann", approved_by="bob", found_at=at(1, 9), approved_at=at(1, 10, 7), corrected_at=at(1, 10, 8), rerun_id="run-10b", updated_at=at(1, 11))
    add("processing_errors", id="e2", flow="billing", corrected_by="ann", approved_by="ann", found_at=at(1, 9), approved_at=at(1, 20), corrected_at=at(1, 19), rerun_id="run-11", updated_at=at(1, 21))
    planted("PRI-04.T1", "e2", A="fails", B="fails", C="fails")
    state("recipient_entitlements", [at(12, 1, year=2025)], [dict(recipient="c1", output="invoices", allowed=True), dict(recipient="c2", output="invoices", allowed=True)])
    state("recipient_entitlements", [at(2, 1)], [dict(recipient="c1", output="invoices", allowed=True)])
    for name, recipient, time in (("d1", "c1", at(1, 5)), ("d2", "c2", at(1, 5)), ("d3", "c1", at(2, 5)), ("d4", "c2", at(2, 5))):
        add("deliveries", id=name, flow="billing", output="invoices", recipient=recipient, status="delivered", digest="ab", delivered_at=time)
    planted("PRI-05.T1", "d4", A="fails")
    for number, time in enumerate([at(12, 20, year=2025) + n * 20 * DAY for n in range(6)]):
        for store in ("db1", "db2"):
            if store == "db2" and number in (3, 4, 5):  # not checked any more
                continue
            wrong = store == "db1" and number == 2
            add("integrity_checks", id=f"k-{store}-{number}", store=store, records_expected=5, records_found=4 if wrong else 5, digest_expected="ab", digest_found="ac" if wrong else "ab", checked_at=time)
            if wrong:
                planted("PRI-06.T1", f"k-{store}-{number}", A="fails")
    last = at(12, 20, year=2025) + 40 * DAY  # the last check of db2
    for time in [at(1, 3, 8) + 7 * n * DAY for n in range(13)]:
        if time >= last + 35 * DAY:
            planted("PRI-06.T2", "db2", time, A="fails")
    add("schema_changes", id="s1", flow="billing", breaking=True, announced_at=at(11, 1, year=2025), effective_at=at(2, 1))
    add("schema_changes", id="s2", flow="billing", breaking=True, announced_at=at(1, 1), effective_at=at(2, 1))
    planted("COM-04.data-definitions", "s2", A="fails")
    add("schema_acknowledgements", change_id="s1", consumer="c1", asked_at=at(1, 5), acknowledged_at=at(1, 7), updated_at=at(1, 8))
    add("schema_acknowledgements", change_id="s1", consumer="c2", asked_at=at(1, 5), updated_at=at(1, 8))
    planted("COM-04.consumers", "s1", "c2", A="undecided")
    add("error_reports", id="er1", reported_at=at(1, 9, 9), acknowledged_at=at(1, 12, 8), answered_at=at(1, 13), updated_at=at(1, 14))  # Friday to Monday
    add("error_reports", id="er2", reported_at=at(1, 6, 9), acknowledged_at=at(1, 8, 9), updated_at=at(1, 9))
    planted("COM-03.processing-errors", "er2", A="fails", B="fails")


# ---- confidentiality ----


def confidentiality():
    rules = dict(handling="h", third_parties="t", disposal="d", author="person/a", approver="person/b", approved_on="2025-06-01", since=at(6, 1, year=2025))
    resource("InformationClass", "public", title="Public", **rules)
    resource("InformationClass", "restricted", title="Restricted", encrypted=True, marked=True, **rules)
    resource("InformationClass", "internal", title="Internal", **{**rules, "disposal": None, "approver": "person/a"})
    planted("GOV-05.classes", "internal", 1, A="fails", B="fails")
    months = [at(1, 31), at(2, 28), at(3, 31)]
    state("assets", months, [{"id": "db1", "class": "restricted", "handling": "restricted"}, {"id": "www", "class": "public", "handling": "public"}])
    add("assets", id="box", handling="public", observed_at=months[1])
    planted("CON-01.T1", "box", months[1], A="fails", B="undecided")
    add("marking_checks", id="m1", document="d1", **{"class": "restricted"}, marked_as="restricted", checked_at=at(2, 1))
    add("marking_checks", id="m2", document="d2", **{"class": "public"}, checked_at=at(2, 1))
    add("marking_checks", id="m3", document="d3", **{"class": "restricted"}, marked_as="public", checked_at=at(2, 1))
    planted("CON-01.T4", "m3", A="fails")
    for name, days, ended in (("k1", None, at(1, 5)), ("k2", 10, at(1, 5)), ("k3", None, at(1, 5)), ("k4", None, at(3, 20))):
        add("ended_contracts", id=name, delete_within_days=days, ended_at=ended, updated_at=at(3, 30))
    add("deletions", id="del1", store="db1", contract_id="k1", method="erased", done_by="job", proof="log 1", deleted_at=at(1, 20))
    add("deletions", id="del2", store="db1", contract_id="k2", method="erased", done_by="job", proof="log 2", deleted_at=at(1, 20))
    planted("CON-02.T1", "k2", A="fails", B="fails")
    planted("CON-02.T1", "k3", A="undecided", B="fails")  # k4 is not due within the quarter
    add("disposals", id="x1", asset_id="disk-7", method="shredded", done_by="ann", witnessed_by="bob", certificate="c-1", certificate_asset="disk-7", disposed_at=at(2, 1), updated_at=at(2, 2))
    add("disposals", id="x2", asset_id="disk-8", method="shredded", done_by="ann", witnessed_by="ann", certificate="c-1", certificate_asset="disk-7", disposed_at=at(2, 1), updated_at=at(2, 2))
    planted("CON-02.T2", "x2", A="fails", B="fails")
    add("alerts", id="eg1", **{"class": "egress"}, raised_at=at(1, 5), acknowledged_at=at(1, 5, 8), action="blocked", closed_at=at(1, 6), updated_at=at(1, 7))
    add("alerts", id="eg2", **{"class": "egress"}, raised_at=at(1, 5), acknowledged_at=at(1, 5, 9), closed_at=at(1, 6), updated_at=at(1, 7))
    planted("CON-03.T3", "eg2", A="fails", B="fails")
    add("incidents", id="inc1", owner="ann", detected_at=at(2, 10), closed_at=at(2, 20), updated_at=at(2, 21))
    add("access_grants", id="g1", worker_id="w1", granted_at=at(2, 1), updated_at=at(2, 1))
    add("access_grants", id="g2", worker_id="w2", granted_at=at(2, 1), updated_at=at(2, 1))
    add("agreement_signatures", id="as1", party="w1", agreement="confidentiality", signed_at=at(1, 20))
    add("agreement_signatures", id="as2", party="w2", agreement="confidentiality", signed_at=at(2, 2))
    planted("HRS-03.access", "g2", A="fails")
    add("term_changes", id="t1", customer="c1", loosened=True, announced_at=at(1, 1), consented_at=at(1, 20), effective_at=at(2, 1), updated_at=at(2, 2))
    add("term_changes", id="t2", customer="c2", loosened=True, announced_at=at(2, 2), old_term_kept=False, effective_at=at(2, 1), updated_at=at(2, 3))
    planted("COM-04.loosened-terms", "t2", A="undecided", B="fails")
    add("vendor_assurance", id="v1", vendor="host", confidential=True, covers_to="2025-12-31", decision="kept", due_at=at(2, 1), reviewed_at=at(2, 10), updated_at=at(2, 11))
    add("vendor_assurance", id="v2", vendor="mailer", confidential=True, covers_to="2025-06-30", due_at=at(2, 1), reviewed_at=at(3, 10), updated_at=at(3, 11))
    planted("VEN-02.confidentiality", "v2", A="fails", B="fails", C="fails")


    # The starter's own policies are drafts that take effect when they are written, after the quarter.
    areas = ["tsp-2009/A1.1", "tsp-2009/A1.2", "tsp-2009/I1.1", "tsp-2009/I1.2", "tsp-2009/C1.1", "tsp-2009/C1.2", "tsp-2009/P1.1"]
    topics = ["recovery targets", "backup", "capacity", "specification", "errors", "reconciliation", "handling", "third parties", "notice", "consent", "disclosure"]
    resource("Policy", "own-a", title="All of it", criteria=areas, topics=topics, author="person/a", approver="person/b", approved_on="2025-06-01", since=at(6, 1, year=2025))
    resource("Policy", "own-b", title="An old one", criteria=areas, topics=topics, author="person/a", approver="person/b", approved_on="2024-06-01")
    for word in ("availability", "processing-integrity", "confidentiality", "privacy"):
        planted("GOV-04." + word, "own-b", 1, A="fails")
    for name in ("own-a", "own-b"):
        planted("GOV-05.confidentiality", name, 1, C="fails")  # nothing covers disposal
    for name in ("SC-1", "SC-2"):
        resource("Commitment", name, title=name, statement="We answer within a day.")
        resource("Commitment", name, title=name, statement="We answer within two days.", since=at(2, 1), into=later)
    resource("Notice", "answers", title="Answers", about=["commitment/SC-1"], audience="customers", announced_at=text(at(12, 1, year=2025)), since=at(12, 1, year=2025))
    planted("COM-04.commitments", "SC-2", 2, A="fails")


# ---- privacy ----


def disclosed(name, /, sent=True, **other):
    row = dict(recipient="mailer", **{"class": "restricted"}, personal_data=True, subject="s1", purpose="news", basis="consent", authorised=True, requested_by="ann",
               approved_by="bob", approved_at=at(2, 1), disclosed_at=at(2, 5), egress_id="e-" + name)
    row.update(other)
    add("disclosures", id=name, **row)
    if sent and row["egress_id"]:
        add("egress_events", id=row["egress_id"], recipient=row["recipient"], **{"class": "restricted"}, personal_data=True, bytes=10, sent_at=row["disclosed_at"])


def privacy():
    contents = ["purposes", "choice", "collection", "use-and-retention", "access", "disclosure", "security", "quality", "complaints"]
    people = dict(author="person/a", approver="person/b")
    told = ["purpose/service", "purpose/news", "purpose/health"]
    resource("Purpose", "service", title="Service", basis="contract", consent="none")
    resource("Purpose", "news", title="News", basis="consent", consent="implied")
    resource("Purpose", "health", title="Health", basis="consent", consent="express")
    resource("Purpose", "survey", title="Survey", basis="consent", consent="implied", until=at(1, 1))
    resource("PrivacyNotice", "site", title="Notice", edition="1", contents=contents, purposes=told, approved_on="2024-12-20", announced_on="2024-12-20", **people)
    resource("PrivacyNotice", "app", title="Notice of the app", edition="1", contents=contents[:-1], purposes=["purpose/service"], approved_on="2025-01-20", announced_on="2025-01-01", **people)
    planted("PRV-01.T2", "app", 1, A="fails", B="fails")
    news = dict(title="Notice of the news", contents=contents, purposes=["purpose/service"], approved_on="2024-12-20", **people)
    resource("PrivacyNotice", "news", edition="1", announced_on="2024-12-20", **news)
    resource("PrivacyNotice", "news", edition="2", announced_on="2026-02-10", since=at(2, 15), into=later, **news)
    planted("PRV-01.T3", "news", 2, A="fails")
    activity = dict(owner="role/privacy-lead", notices=["privacy-notice/site"])
    resource("ProcessingActivity", "accounts", title="Accounts", purposes=["purpose/service", "purpose/news", "purpose/health"], **activity)
    resource("ProcessingActivity", "profiling", title="Profiling", owner="role/privacy-lead", purposes=["purpose/survey"], high_risk=True, assessed_on="2024-06-01")
    planted("RSK-01.processing-activities", "profiling", 1, B="fails", C="fails")
    for name, edition, day in (("c1", "1", 5), ("c2", "0", 6)):
        add("collection_events", id=name, subject="s1", point="signup", notice="site", notice_edition=edition, third_party=False, collected_at=at(1, day))
    planted("PRV-01.T1", "c2", A="fails")
    add("collection_events", id="c3", subject="s2", point="signup", notice="site", notice_edition="1", source="bureau", third_party=True, collected_at=at(2, 1))
    add("collection_events", id="c4", subject="s2", point="signup", notice="site", notice_edition="1", source="broker", third_party=True, collected_at=at(2, 1))
    planted("PRV-03.T2", "c4", A="fails")
    state("personal_data_sources", [at(3, 1)], [dict(id="bureau", lawful=True, approved_by="ann", approved_at=text(at(1, 1))), dict(id="broker", lawful=True, approved_by="ann", approved_at=text(at(2, 2)))])
    add("notice_publications", id="p1", notice="site", notice_edition="1", place="signup", published_at=at(1, 2, year=2025))
    state("collection_points", [at(1, 31), at(2, 28)], [dict(id="signup", notice="site", activity="accounts")])
    add("collection_points", id="contact", notice="site", observed_at=at(2, 28))
    planted("PRV-01.T4", "contact", at(2, 28), A="fails", B="fails")
    given = dict(action="given", notice="site", notice_edition="1", kind="express", proof="form")
    for subject in ("s1", "s2", "s3"):
        add("consents", id=f"k-{subject}", subject=subject, purpose="news", at=at(1, 3), **given)
    add("consents", id="k-health", subject="s1", purpose="health", at=at(1, 3), **given)
    add("consents", id="k-implied", subject="s2", purpose="health", at=at(1, 3), action="given", notice="site", notice_edition="1", kind="implied")
    planted("PRV-02.T4", "k-implied", A="fails", C="fails")
    add("consents", id="w-s2", subject="s2", purpose="news", action="withdrawn", at=at(2, 1))
    add("consents", id="w-s3", subject="s3", purpose="news", action="withdrawn", at=at(2, 1))
    add("consents", id="k-s3-again", subject="s3", purpose="news", at=at(2, 10), **given)
    uses = [("u1", "s1", "news", "consent", at(2, 5)), ("u2", "s2", "news", "consent", at(1, 20)), ("u3", "s2", "news", "consent", at(2, 1, 20)),
            ("u4", "s2", "news", "consent", at(2, 3)), ("u5", "s3", "news", "consent", at(2, 5)), ("u6", "s3", "news", "consent", at(2, 11)),
            ("u7", "s9", "service", "contract", at(2, 5)), ("u8", "s9", "news", "contract", at(2, 5)), ("u9", "s9", "news", "consent", at(2, 5))]
    for name, subject, purpose, basis, time in uses:
        add("processing_events", id=name, activity="accounts", purpose=purpose, subject=subject, sensitive=False, basis=basis, processed_at=time)
    planted("PRV-02.T1", "u4", A="fails")
    planted("PRV-02.T1", "u5", A="fails")
    planted("PRV-02.T1", "u8", A="fails")
    planted("PRV-02.T1", "u9", A="fails", B="fails")
    planted("PRV-02.T2", "w-s2", A="fails")
    planted("PRV-02.T2", "w-s3", A="fails")
    for name, subject in (("h1", "s1"), ("h2", "s2")):
        add("processing_events", id=name, activity="accounts", purpose="health", subject=subject, sensitive=True, basis="consent", processed_at=at(2, 5))
    planted("PRV-02.T3", "h2", A="fails")
    add("processing_events", id="z1", activity="accounts", purpose="survey", subject="s1", sensitive=False, basis="consent", processed_at=at(2, 5))
    planted("PRV-02.T1", "z1", A="fails", B="fails")
    planted("PRV-04.T4", "z1", A="fails", B="fails")
    resource("RetentionRule", "leads", title="Leads", days=30, backup_days=20)
    resource("Hold", "case-7", title="Case 7", reason="Dispute", opened_on="2025-11-01", since=at(11, 1, year=2025))
    state("field_inventory", [at(1, 1), at(2, 1)], [dict(place="signup", field="email", activity="accounts", purpose="service", necessary=True, rule="leads")])
    add("field_inventory", place="signup", field="phone", activity="accounts", purpose="survey", necessary=False, observed_at=at(2, 1))
    planted("PRV-03.T3", "signup", "phone", at(2, 1), A="fails", B="fails", C="fails")
    state("collected_fields", [at(1, 15), at(2, 15)], [dict(place="signup", field="email", kind="form")])
    add("collected_fields", place="signup", field="birthday", kind="form", observed_at=at(2, 15))
    planted("PRV-03.T1", "signup", "birthday", at(2, 15), A="fails")
    fresh = dict(store="crm", rule="leads", complete=True, well_formed=True)
    days = [at(1, 15), at(2, 15), at(3, 15)]
    for number, day in enumerate(days):
        for record in ("a", "b", "c"):
            add("stored_records", record=f"{record}{number}", subject="s1", starts_at=day - 20 * DAY, observed_at=day, **fresh)
    add("stored_records", record="old", subject="s1", starts_at=at(1, 1), observed_at=days[1], **fresh)
    planted("PRV-04.T1", "crm", "old", days[1], A="fails")
    add("stored_records", record="held", subject="s1", hold="case-7", starts_at=at(11, 1, year=2025), observed_at=days[1], **fresh)
    add("stored_records", record="bad", subject="s1", starts_at=days[1] - DAY, observed_at=days[1], **{**fresh, "complete": False, "well_formed": None})
    planted("PRV-07.T1", "crm", "bad", days[1], A="fails", B="undecided")
    add("stored_records", record="stale", subject="s1", hold="case-7", starts_at=at(1, 1, year=2020), verified_at=at(1, 1, year=2023), observed_at=days[2], **fresh)
    planted("PRV-07.T2", "crm", "stale", days[2], A="fails")
    deleted = dict(store="crm", rule="leads", method="erased", done_by="job", proof="log")
    add("deletions", id="x-a0", record="a0", deleted_at=at(1, 16), **deleted)
    add("deletions", id="x-b0", record="b0", deleted_at=at(1, 16), **deleted)
    add("deletions", id="x-b1", record="b1", deleted_at=at(1, 20), **deleted)  # seen in February
    add("deletions", id="x-held", record="held", deleted_at=at(2, 20), store="crm", method="erased", done_by="job")
    add("deletions", id="x-last", record="c2", deleted_at=at(3, 20), **deleted)
    add("backup_contents", backup_id="bk1", store="crm", record="a0", listed_at=at(1, 30))
    add("backup_contents", backup_id="bk2", store="crm", record="b0", listed_at=at(2, 10))
    planted("PRV-04.T2", "x-b0", B="fails")
    planted("PRV-04.T2", "x-b1", A="fails")
    planted("PRV-04.T2", "x-last", C="fails")
    planted("PRV-04.T3", "x-held", A="fails", B="fails", C="fails")
    # Requests, corrections, accountings.
    request = dict(kind="access", outcome="granted", identity_method="login", updated_at=at(3, 30))
    add("subject_requests", id="q1", subject="s1", received_at=at(1, 5), identity_checked_at=at(1, 6), released_at=at(1, 10), answered_at=at(1, 10), **request)
    add("subject_requests", id="q2", subject="s2", received_at=at(1, 5), identity_checked_at=at(3, 1), released_at=at(2, 20), answered_at=at(2, 20), **request)
    planted("PRV-05.T1", "q2", A="fails")
    planted("PRV-05.T2", "q2", A="fails")
    add("subject_requests", id="q3", subject="s3", received_at=at(1, 5), answered_at=at(1, 20), **{**request, "outcome": "refused", "recourse_told": False})
    planted("PRV-05.T3", "q3", A="fails", B="fails")
    add("subject_requests", id="q4", subject="s1", received_at=at(3, 1), answered_at=at(3, 10), **{**request, "kind": "accounting"})
    add("subject_requests", id="q5", subject="s4", received_at=at(3, 1), answered_at=at(3, 10), **{**request, "kind": "accounting"})
    state("data_copies", [at(1, 1)], [dict(field="email", holder="crm"), dict(field="email", holder="mailer")])
    for name in ("cor1", "cor2"):
        add("corrections", id=name, request_id="q1", subject="s1", field="email", value_digest=name, corrected_at=at(1, 10))
        add("correction_copies", correction_id=name, holder="crm", value_digest=name, applied_at=at(1, 10))
    add("correction_copies", correction_id="cor1", holder="mailer", value_digest="cor1", applied_at=at(1, 12))
    add("correction_copies", correction_id="cor2", holder="mailer", value_digest="other", applied_at=at(2, 20))
    planted("PRV-05.T4", "cor2", A="fails")
    planted("PRV-07.T3", "cor2", A="fails")
    # Disclosures against transfers.
    resource("Recipient", "mailer", title="Mailer", type="processor", purposes=["purpose/news", "purpose/service"])
    resource("Agreement", "mailer", title="Mailer", type="recipient", recipient="recipient/mailer", signed_on="2025-01-01", ends_on="2026-03-15", clauses=["privacy", "security", "incidents", "return-or-erasure"])
    resource("Agreement", "broker", title="Broker", type="vendor", party="broker", signed_on="2025-01-01", clauses=["security"])
    planted("VEN-03.privacy-clauses", "broker", 1, A="fails", B="fails", C="fails")
    disclosed("dis1")
    disclosed("dis2", subject="s4", purpose="service", basis="contract")
    disclosed("dis3", disclosed_at=at(3, 20), approved_by="ann")  # after the agreement, approved by who wanted it
    planted("PRV-06.T1", "dis3", A="fails")
    planted("CON-03.T1", "dis3", B="fails")
    disclosed("dis4", subject="s2", purpose="survey", disclosed_at=at(2, 5, 1))
    planted("PRV-06.T2", "dis4", A="fails", B="fails", C="fails")
    disclosed("dis5", sent=False)
    planted("PRV-06.T4", "dis5", A="fails")
    add("egress_events", id="e-none", recipient="mailer", **{"class": "restricted"}, personal_data=True, bytes=10, sent_at=at(2, 8))
    planted("PRV-06.T3", "e-none", A="fails")
    planted("CON-03.T2", "e-none", A="fails")
    disclosed("dis6", authorised=False, incident_id="inc1", subject="s3", egress_id=None)
    disclosed("dis7", authorised=False, subject="s3", egress_id=None)
    planted("PRV-06.T5", "dis7", A="fails", B="fails")
    planted("CON-03.T4", "dis7", A="fails", B="fails")
    for line in ("dis1", "dis5", "dis4"):
        add("accounting_lines", request_id="q4", disclosure_id=line, told_at=at(3, 10))
    planted("PRV-05.T5", "q4", B="fails")  # dis4 is another person's; dis3 came later than the request
    planted("PRV-05.T5", "q5", A="fails")  # dis2 is missing
    add("breaches", id="br1", incident_id="inc1", authority_required=True, subjects_required=False, customers_required=True, known_at=at(2, 10), authority_told_at=at(2, 12), customers_told_at=at(2, 13), updated_at=at(2, 20))
    planted("INC-04.breaches", "br1", C="fails")
    # Security for privacy.
    state("role_purposes", [at(1, 1), at(2, 1)], [dict(role="support", store="crm", purpose="service", approved_by="ann")])
    add("role_purposes", role="sales", store="crm", purpose="survey", observed_at=at(1, 1))
    planted("PRV-10.T2", "sales", "crm", "survey", at(1, 1), A="fails", B="fails")
    for name, role, purpose, time in (("rd1", "support", "service", at(1, 5)), ("rd2", "sales", "survey", at(1, 5)), ("rd3", "sales", "survey", at(2, 5)), ("rd4", "support", "news", at(2, 5))):
        add("personal_reads", id=name, store="crm", account_id="a1", role=role, purpose=purpose, records=1, read_at=time)
    planted("PRV-10.T1", "rd3", A="fails")
    planted("PRV-10.T1", "rd4", A="fails")
    add("safeguard_checks", id="s3", safeguard="read log", area="privacy", due_at=at(2, 1), checked_at=at(2, 3), result="passed", updated_at=at(2, 4))
    add("safeguard_checks", id="s4", safeguard="vault", area="privacy", due_at=at(2, 1), checked_at=at(3, 20), result="failed", updated_at=at(3, 21))
    planted("PRV-10.T3", "s4", A="fails", B="fails")
    state("portable_media", [at(1, 31), at(2, 28)], [dict(id="lap-1", kind="laptop", personal_data=True, encrypted=True)])
    add("portable_media", id="lap-2", kind="laptop", personal_data=True, encrypted=False, observed_at=at(2, 28))
    planted("ENC-02.portable-media", "lap-2", at(2, 28), A="fails")
    complaint = dict(received_at=at(1, 5), acknowledged_at=at(1, 6), updated_at=at(3, 1))
    add("complaints", id="p1", answered_at=at(1, 20), closed_at=at(1, 21), outcome="upheld", recourse="the authority", case_id="nc1", **complaint)
    add("complaints", id="p2", answered_at=at(2, 20), closed_at=at(2, 21), outcome="upheld", **{**complaint, "acknowledged_at": at(1, 20)})
    planted("PRV-08.T1", "p2", A="fails", B="fails")
    planted("PRV-08.T2", "p2", A="fails", B="fails")
    add("noncompliance_cases", id="nc1", owner="ann", action="form changed", sanction="none", due_at=at(2, 1), found_at=at(1, 20), closed_at=at(1, 30), updated_at=at(2, 2))
    add("noncompliance_cases", id="nc2", due_at=at(2, 1), found_at=at(1, 20), closed_at=at(2, 3), updated_at=at(2, 4))
    planted("PRV-09.T2", "nc2", A="fails", B="fails", C="fails")


def main():
    availability()
    processing()
    confidentiality()
    privacy()
    names, populations = starter_tests()
    # A list of three topics cannot be wrong in each area with one set of policies: confidentiality stands for the others.
    unplanted = [name for name in names if name not in truth and populations[name] != "policy_versions"]
    faulty = [name for name in truth if name not in names]
    with tempfile.TemporaryDirectory() as folder:
        program = Program(sys.argv[1], folder)
        program("init", program.data, "--starter", "saas")
        load(program, folder)
        faults, deviations = compare(program, names, populations)
    for name in unplanted:
        print(f"{name}: nothing is planted for it")
    for name in faulty:
        print(f"{name}: planted for, and not in the starter set")
    print(f"{len(names)} tests, {sum(map(len, records.values()))} records, {deviations} items deviate, {faults} differ from what was planted")
    return 1 if faults or unplanted or faulty else 0


if __name__ == "__main__":
    sys.exit(main())
