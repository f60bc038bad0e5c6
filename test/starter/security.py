#!/usr/bin/env python3
"""security.py ATTEST: the starter tests of access, encryption, networks, devices, vulnerabilities, logs, incidents and
changes find in a quarter of an invented company's records what is planted there, by key, and nothing else. The records
go in through the starter's own sources."""
import csv
import glob
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta

import yaml

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f'{HERE}/../histories')
from attest import Attest, Figures  # noqa: E402
from company import Company, access, stamp  # noqa: E402
from systems import systems  # noqa: E402

STARTER = f'{HERE}/../../catalog/starter/saas'
FAMILIES = ('acc', 'enc', 'net', 'end', 'vul', 'log', 'inc', 'chg')
PERIOD = ('2026-01-01', '2026-03-31')


def documents(name):
    path = name if name.endswith('.yaml') else f'{STARTER}/{name}.yaml'
    with open(path, encoding='utf-8') as file:
        return [one for one in yaml.safe_load_all(file) if one]


# Resources that tests run over: each is a row of exercise_versions, by id and version.
EXERCISES = '''
{kind: Exercise, id: ex-held, title: Stolen key, type: incident, status: held, planned_on: 2026-02-03,
 held_on: 2026-02-03, led_by: person/own, participants: [role/security-lead], result: Two things to mend,
 findings: [SEC-7], effective_from: '2026-02-04T00:00:00Z'}
---
{kind: Exercise, id: ex-planned, title: Ransom, type: incident, status: planned, planned_on: 2026-03-03,
 effective_from: '2026-01-04T00:00:00Z'}
---
{kind: Exercise, id: ex-thin, title: Phishing, type: incident, status: held, planned_on: 2026-03-04,
 held_on: 2026-03-04, led_by: person/own, effective_from: '2026-03-05T00:00:00Z'}
---
{kind: Exercise, id: ex-later, title: Next year, type: incident, status: planned, planned_on: 2026-12-03,
 effective_from: '2026-01-04T00:00:00Z'}
---
{kind: Exercise, id: ex-other, title: Restore, type: restore, status: planned, planned_on: 2026-02-03,
 effective_from: '2026-01-04T00:00:00Z'}
'''


def exercises(company):
    company.breaks(('ex-planned', '1'), 'INC-03.T2 A B C')
    company.breaks(('ex-thin', '1'), 'INC-03.T2 B C')


# Years that lie behind every clock: what is due after now is not missed yet.
YEARS = ('2023-01-01', '2024-12-31')
DUE_MONTHS = {'quarterly': (3, 6, 9, 12), 'semi-annual': (6, 12), 'annual': (12,)}


def duties(attest, company, controls):
    """Each control from 2023 on: the first time left out, the second late (of more than two), the others in time."""
    written = []
    for control in controls:
        control = next(one for one in documents('controls') if f'control/{one["id"]}' == control)
        days = [datetime(year, month, 31 if month in (3, 12) else 30)
                for year in (2023, 2024) for month in DUE_MONTHS[control['frequency']]]
        allowed = int(control['due']['allowed'].split()[0])
        written.append({**control, 'effective_from': '2023-01-01T00:00:00Z'})
        for number, day in enumerate(days):
            key = (f'control/{control["id"]}', f'{day:%Y-%m-%d}T23:59:59.999999Z')
            late = number == 1 and len(days) > 2
            if number == 0:
                company.breaks(key, f'{test_of(control)} A B')
                continue
            if late:
                company.breaks(key, f'{test_of(control)} A')
            written.append({
                'kind': 'Performance', 'id': f'{control["id"]}-{number}', 'control': f'control/{control["id"]}',
                'performed_at': stamp(day + timedelta(days=allowed + 1 if late else allowed)),
                'performed_by': 'person/own', 'what': 'Done.', 'due_at': f'{day:%Y-%m-%d}'})
    attest.apply(yaml.safe_dump_all(written, sort_keys=False))


def test_of(control):
    return next(doc['id'] for doc in all_tests() if doc['population'] == 'occurrences'
                and doc['control'] == f'control/{control["id"]}')


def all_tests():
    return [doc for name in FAMILIES for doc in documents(f'tests-{name}')]


def raw(row, source):
    """The row as the source's tool writes it: each column at its path. A CSV header is one step."""
    out, fields = {}, source.get('fields', {})
    for column, value in row.items():
        if value is None:
            continue
        name = fields.get(column, column)
        *path, last = name.split('.') if source['reader'] == 'ndjson' else [name]
        place = out
        for step in path:
            place = place.setdefault(step, {})
        place[last] = stamp(value) if hasattr(value, 'strftime') else value
    return out


def write(path, reader, rows):
    with open(path, 'w', encoding='utf-8', newline='') as file:
        if reader == 'ndjson':
            file.writelines(json.dumps(row) + '\n' for row in rows)
            return
        table = csv.DictWriter(file, sorted({name for row in rows for name in row}))
        table.writeheader()
        for row in rows:
            table.writerow({name: json.dumps(value) if isinstance(value, (bool, list)) else value
                            for name, value in row.items()})


def repository(folder, company):
    """A real repository: who wrote each branch's last commit, who merged it. Merged by its author, by address or by name,
    is a deviation; what was committed on the main line without a merge is no item."""
    def git(who, name, day, *words):
        at = f'2026-02-{day:02}T12:00:00Z'
        env = {**os.environ, 'GIT_AUTHOR_NAME': name, 'GIT_AUTHOR_EMAIL': who, 'GIT_COMMITTER_NAME': name,
               'GIT_COMMITTER_EMAIL': who, 'GIT_AUTHOR_DATE': at, 'GIT_COMMITTER_DATE': at}
        return subprocess.run(['git', '-C', folder, *words], env=env, check=True, capture_output=True,
                              text=True).stdout.strip()
    ann, bob, home = ('ann@a.example', 'Ann'), ('bob@a.example', 'Bob'), ('bob@home.example', 'BOB')
    shared = ('Bob@A.example', 'Robert')
    os.mkdir(folder)
    git(*bob, 1, 'init', '-q', '-b', 'main')
    git(*bob, 1, 'commit', '-q', '--allow-empty', '-m', 'Start')
    for day, (writer, merger, breaks) in enumerate([
            (ann, bob, ()), (bob, bob, 'CHG-01.T3 A'), (bob, home, 'CHG-01.T3 A'), (bob, shared, 'CHG-01.T3 A'),
            (bob, ann, ())], 2):
        git(*writer, day, 'checkout', '-q', '-b', f'branch{day}')
        git(*writer, day, 'commit', '-q', '--allow-empty', '-m', f'Work {day}')
        git(*writer, day, 'checkout', '-q', 'main')
        git(*merger, day, 'commit', '-q', '--allow-empty', '-m', 'Straight to the main line')
        git(*merger, day, 'merge', '-q', '--no-ff', '-m', f'Merge {day}', f'branch{day}')
        company.breaks(git(*bob, day, 'rev-parse', 'HEAD'), breaks)
    company.rows['commits'] = git(*bob, 1, 'rev-list', 'main').split()


def load(attest, work, company, figures):
    """Every source of these families is filled, and every type of record of the company has a source."""
    own = {source['id'] for source in documents('sources')}
    filled = set()
    for source in [one for path in sorted(glob.glob(f'{STARTER}/sources*.yaml')) for one in documents(path)]:
        population = source['population']
        rows = company.rows.get(population)
        if source['id'] in own:
            figures.equal(f'source/{source["id"]} has records', bool(rows), True)
        if rows and population not in filled:
            path = f'{work}/{source["id"]}.{source["reader"]}'
            if source['reader'] != 'git':
                write(path, source['reader'], [raw(row, source) for row in rows])
            figures.equal(f'source/{source["id"]}: rows kept',
                          attest.load(source['id'], path, '--covers', '..'.join(PERIOD))['kept'], len(rows))
            filled.add(population)
    figures.equal('records without a source', set(company.rows) - filled, set())


def key_of(text):
    """An item's key as the truth has it; the matrix writes a key of several columns as a list."""
    if text.startswith('['):
        parts = json.loads(text)
        return tuple(str(part) for part in parts) if len(parts) > 1 else parts[0]
    return text


def main():
    company, figures = Company(), Figures()
    access(company)
    systems(company)
    exercises(company)
    tests = all_tests()
    regular = [doc for doc in tests if doc['population'] == 'occurrences']
    with tempfile.TemporaryDirectory() as work:
        attest = Attest(sys.argv[1], f'{work}/data', 'person/own', '--starter', 'saas')
        attest.apply(EXERCISES)
        repository(f'{work}/repository.git', company)
        load(attest, work, company, figures)
        found = attest.test(PERIOD, *(doc['id'] for doc in tests if doc not in regular))
        duties(attest, company, [doc['control'] for doc in regular])
        found.update(attest.test(YEARS, *(doc['id'] for doc in regular)))
    for doc in tests:
        truth = company.truth.pop(doc['id'], {})
        for attribute in doc['attributes']:
            name, results = f"{doc['id']} {attribute['id']}", found[doc['id']]['found'][attribute['id']]
            for result in ('fails', 'undecided'):
                figures.equal(f'{name} {result}', {key_of(one) for one in results[result]},
                              truth.get(attribute['id'], {}).get(result, set()))
            # A rule that never fails here, or never holds, would not be tried by this.
            figures.equal(f'{name} is tried both ways', [bool(results['holds']), bool(results['fails'])], [True, True])
    figures.equal('planted for a test that is not there', set(company.truth), set())
    figures.done('starter tests')


main()
