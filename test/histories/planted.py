#!/usr/bin/env python3
"""planted.py ATTEST: every fault of test/inputs/changes/planted found with what the program offers
(refusal, repeats, reconciliation, attributes), and nothing else. truth.json has each fault's ids."""
import csv
import io
import json
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
from attest import Attest, Figures, digest, lines_of, population_digest

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = f'{HERE}/../inputs/changes/planted'
YEAR = ('2023-01-01', '2023-12-31')
ALL_TIME = ('2000-01-01', '2039-12-31')
ID = re.compile('[0-9a-f]{40}')

OTHER = ('p.change_id = item.id and p.actor is distinct from item.author and '
         'p.actor_name_id is distinct from item.author_name_id')
TESTS = f'''---
kind: PopulationType
id: h_reference
key: [id]
time: listed_for
columns:
  id: {{type: text, required: true, meaning: A change that the other system knows}}
  listed_for: {{type: timestamp, meaning: A moment within the year that the list is of}}
---
kind: Source
id: reference
population: h_reference
reader: csv
---
kind: Test
id: export
title: The export as a list
control: control/H-1
nature: reperformance
procedure: Whether each row lies in the year that the export is of, and whether it is the other system's.
population: h_changes
extent: full
reconcile:
  - {{with: h_reference, key: [id]}}
attributes:
  - {{id: in_year, title: Lies in the year, holds: "item.committed_at >= timestamp '2023-01-01 00:00:00' and item.committed_at < timestamp '2024-01-01 00:00:00'"}}
  - {{id: known, title: The other system knows it, holds: "exists (select 1 from h_reference r where r.id = item.id)"}}
---
kind: Test
id: CM
title: Approval
control: control/H-1
nature: reperformance
procedure: Recomputed for every change.
population: h_changes
extent: full
attributes:
  - {{id: A, title: Approved by another person, holds: "exists (select 1 from h_approvals p where {OTHER})"}}
  - {{id: B, title: Approved by another person not after the commit, holds: "exists (select 1 from h_approvals p where {OTHER} and p.approved_at <= item.committed_at)"}}
  - {{id: C, title: Approved from another address, holds: "exists (select 1 from h_approvals p where p.change_id = item.id and p.actor is distinct from item.author)"}}
  - {{id: D, title: Not written after it was committed, holds: "item.authored_at <= item.committed_at"}}
  - {{id: E, title: Approved by anybody, holds: "exists (select 1 from h_approvals p where p.change_id = item.id)"}}
'''


def conflict_is_refused_and_settled(figures, attest, truth):
    """The same key with other content: refused by name, nothing run, until it is settled."""
    attest.run('test', 'run', 'test/CM', '--period', '..'.join(YEAR), status=(2,))
    figures.equal('keys named by the refusal', set(re.findall(r'\["([^"]+)"\]', attest.said)),
                  set(truth['planted']['same_key_other_content']))
    # Each row is named by its digest, with what tells it from the other.
    rows = re.findall(r'(sha256:[0-9a-f]{64}) \(subject \.\.\.(.*?")\)', attest.said)
    figures.equal('rows named by the refusal', len(rows), 2)
    figures.equal('one was edited', [' (again)' in text for _, text in rows], [True, False])
    key = truth['planted']['same_key_other_content'][0]
    attest.apply(f'''kind: Resolution
id: same-key
population: h_changes
key: [{json.dumps(key)}]
kept: {rows[1][0]}
reason: The other row is the same change with its subject edited.
decided_by: person/own
''')


def repeats_are_counted(figures, part, truth):
    """Three rows come twice; with the settled one these are the keys that the export has twice."""
    figures.equal('rows that repeat another', part['population']['repeats'],
                  len(truth['planted']['row_twice']))
    twice = truth['planted']['row_twice'] + truth['planted']['same_key_other_content']
    figures.equal('doubled keys', set(twice), set(truth['duplicated_ids']))


def list_is_reconciled(figures, attest, truth):
    part = attest.test(ALL_TIME, 'export')['export']
    figures.equal('distinct ids', part['population']['items'], truth['distinct_ids'])
    repeats_are_counted(figures, part, truth)
    figures.equal('rows outside the year', part['found']['in_year']['fails'],
                  set(truth['rows_outside_period']))
    figures.equal('rows that the other system does not know', part['found']['known']['fails'],
                  set(truth['in_export_not_in_reference']))
    record = attest.population(part)['reconciliation'][0]
    for name, wanted in (('missing_here', 'in_reference_not_in_export'),
                         ('missing_there', 'in_export_not_in_reference')):
        keys = {json.loads(one['key'])[0] for one in record[name]['first']}
        figures.equal(name, keys, set(truth[wanted]))
        figures.equal(f'{name}: count', record[name]['count'], len(truth[wanted]))
    planted = truth['planted']
    figures.equal('planted: missing', set(planted['missing_from_export']),
                  set(truth['in_reference_not_in_export']))
    figures.equal('planted: foreign', set(planted['not_in_reference']),
                  set(truth['in_export_not_in_reference']))
    figures.equal('planted: moved', set(planted['time_moved_out_of_period']),
                  set(truth['rows_outside_period']))


def approvals_are_tested(figures, attest, truth, changes):
    part = attest.test(YEAR, 'CM')['CM']
    planted = truth['planted']
    figures.equal('items of the year', part['population']['items'], truth['items_in_period'])
    fails = {k: v['fails'] for k, v in part['found'].items()}
    for title, wanted in truth['deviations_over_distinct_items_in_period'].items():
        found = fails[title[0]]
        figures.equal(title, len(found), wanted['count'])
        figures.equal(f'{title}: ids', digest(found), wanted['ids_sha256'])
        figures.equal(f'{title}: planted', found & set(wanted['planted']), set(wanted['planted']))
        figures.equal(f'{title}: natural', len(found - set(wanted['planted'])), wanted['natural'])
    # Each kind of fault has its own pattern of attributes, and only its items show it. What nobody
    # approved in the real history either looks like a removed approval, and is known from there.
    natural = fails['E'] - {i for ids in planted.values() for i in ids}
    figures.equal('approved by nobody in the real history',
                  digest(natural), digest(unapproved(changes)))
    figures.equal('approved by nobody', fails['E'] - natural,
                  set(planted['approval_removed']) | set(planted['not_in_reference']))
    figures.equal('approved by oneself', fails['C'] - fails['E'],
                  set(planted['self_approved_same_address']))
    figures.equal('approved by oneself from a second address', fails['A'] - fails['C'],
                  set(planted['self_approved_second_address']))
    figures.equal('approved too late', fails['B'] - fails['A'],
                  set(planted['approved_after_commit']))
    figures.equal('written after the commit', fails['D'], set(planted['author_time_after_commit']))
    every = set().union(*part['found']['A'].values())
    figures.equal('population digest', part['population']['digest'], population_digest(every))


def unapproved(changes):
    """Changes of 2023 in optee's own files that nobody approved, less what the export lacks."""
    optee = f'{HERE}/../inputs/changes/optee'
    approved = {a['change_id'] for a in lines_of(f'{optee}/approvals.ndjson.zst')
                if a['kind'] != 'tested' and not a['bot']}
    return [row['id'] for row in changes
            if ID.fullmatch(row['id']) and row['id'] not in approved and in_optee(row['id'], optee)]


def in_optee(name, optee, known=set()):
    if not known:
        known.update(row['id'] for row in lines_of(f'{optee}/changes.ndjson.zst'))
    return name in known


def claimed_count(figures, attest, truth):
    """The count that the export claims for itself is that of its rows: alone it finds nothing."""
    claimed = json.load(open(f'{FOLDER}/export.json', encoding='utf-8'))['row_count_claimed']
    segment = attest.load('changes', f'{FOLDER}/changes.ndjson.zst')
    figures.equal('rows of the export', segment['kept'], truth['rows_in_export'])
    figures.equal('rows claimed', claimed, truth['row_count_claimed'])
    again = attest.load('changes', f'{FOLDER}/changes.ndjson.zst')
    figures.equal('the same file again', again['already_imported'], True)


def claim_is_checked(figures, program, folder):
    """The export claims a year, and two rows are not of it: told when it is imported."""
    attest = Attest(program, folder)
    attest.apply(open(f'{HERE}/programme.yaml', encoding='utf-8').read())
    attest.load('changes', f'{FOLDER}/changes.ndjson.zst', '--covers', '..'.join(YEAR))
    figures.equal('first and last row', re.findall(r'run from (\S+) to (\S+?)"', attest.said),
                  [('2022-12-31T23:59:59.000000Z', '2024-01-01T00:30:00.000000Z')])


def reference(attest):
    """The other system's list has ids only; the year that it is of stands beside each."""
    out = io.StringIO(newline='')
    table = csv.writer(out)
    table.writerow(('id', 'listed_for'))
    for line in open(f'{FOLDER}/reference_ids.txt', encoding='utf-8'):
        table.writerow((line.strip(), '2023-07-01T00:00:00Z'))
    path = f'{attest.folder}-reference.csv'
    with open(path, 'w', encoding='utf-8', newline='') as file:
        file.write(out.getvalue())
    return path


def main():
    truth = json.load(open(f'{FOLDER}/truth.json', encoding='utf-8'))
    figures = Figures()
    with tempfile.TemporaryDirectory() as work:
        attest = Attest(sys.argv[1], f'{work}/data')
        attest.apply(open(f'{HERE}/programme.yaml', encoding='utf-8').read())
        attest.apply(TESTS)
        claimed_count(figures, attest, truth)
        attest.load('approvals', f'{FOLDER}/approvals.ndjson.zst')
        attest.load('reference', reference(attest))
        conflict_is_refused_and_settled(figures, attest, truth)
        list_is_reconciled(figures, attest, truth)
        claim_is_checked(figures, sys.argv[1], f'{work}/claim')
        approvals_are_tested(figures, attest, truth, lines_of(f'{FOLDER}/changes.ndjson.zst'))
    figures.done('planted')


main()
