"""Every verb of the verb table: its CSV and its workbook say the same, read by openpyxl.

A new verb is a line in LISTS, or in NO_DATA if it prints none. A verb that writes runs for both
forms on a copy of its own of the data directory."""
import csv
import datetime
import io
import os
import re
import shutil
import subprocess
import sys

import openpyxl

SEED = '0' * 63 + '7'
# Lines of words after the verb; {run}, {report} and {segment} are leaves.
LISTS = {
    'init': ['new-{form}'],
    'convert': ['probo measures.json'],
    'apply': ['-f shared/programme.yaml more.yaml --dry-run'],
    'get': ['', 'Engagement', 'System', 'control/SH-01', 'test/TR-1'],
    'history': ['control/SH-01'],
    'diff': ['--from #6'],
    'explain': ['', 'Control', 'Control.frequency'],
    'coverage': ['', '--catalog tsp-2014'],
    'scope': [''],
    'attach': ['vaults.ndjson'],
    'file': ['', '{file}'],
    'perform': ['control/SH-02 --what Seen --at 2026-03-03T10:30:00Z'],
    'due': ['--from 2026-01-01 --until 2026-06-30'],
    'fresh': [''],
    'import': ['source/shipments-csv shipments.csv --covers 2026-07-01..2026-07-31'],
    'segments': ['', '{segment}'],
    'erase': ['--values people --rule None --dry-run'],
    'population': ['', '{population}', 'shipments --repeats'],
    'state': ['vaults', 'vaults --changes'],
    'test run': ['SH-01.T1 --engagement readiness'],
    'test check': [''],
    'test try': ['TR-1 --set heaviest=10 --period 2026-01-01..2026-12-31'],
    'test items': ['{run}', '{run} --only deviations'],
    'sample size': ['--risk 5 --tolerable 5'],
    'sample limit': ['--risk 5 --size 60 --deviations 1 --population 400'],
    'sample select': [f'--seed {SEED} --population-leaf {SEED} --size 3'],
    'issue': ['engagement/readiness'],
    'verify': ['b.zip'],
    'ledger anchor': ['anchored'],
    'ledger start': ['next-{form} --continue --origin next.example/{form} --reason Moved'],
    'catalog': ['', 'tsc-2017', 'tsc-2017/CC6.1', 'scheme-sheet', 'populations'],
    'key': ['', 'new key-{form}'],
    'status': [''],
    'log': [''],
    'doctor': ['', '--all'],
}
WRITES = ['attach', 'perform', 'import', 'test run', 'issue', 'ledger anchor', 'ledger start']
NO_DATA = ['export', 'withdraw', 'report', 'bundle', 'completion', 'man']
# Columns that hold numbers wherever they are not empty.
NUMBERS = {'n', 'version', 'items', 'repeats', 'undated', 'ledger', 'rows', 'kept', 'set_aside', 'bytes',
           'population.items', 'deviations', 'examples', 'failed', 'late_hours', 'hours', 'entries',
           'version_to', 'line', 'contents'}
faults = 0


def fault(*words):
    global faults
    faults += 1
    print('FAULT', *words)


def attest(*words, folder='data', status=(0, 1)):
    done = subprocess.run(['attest', '-C', folder, *words], stdin=open('keys'), capture_output=True, text=True)
    if done.returncode not in status:
        fault(' '.join(words), 'exit', done.returncode, done.stderr)
    return done


def rows_of(*words):
    return list(csv.DictReader(io.StringIO(attest(*words, '-o', 'csv').stdout)))


def masked(text):
    """What differs between two runs of a verb that writes: the clock and what hangs on it."""
    text = re.sub(r'\d{4}-\d\d-\d\dT[\d:.]+Z', '<at>', text)
    return re.sub(r'[0-9a-f]{64}|\+[0-9a-f]{8}\+\S+|local/[0-9a-f]{8}|ed25519 \S+|[-/](csv|xlsx)\b', '<leaf>', text)


def as_text(cell, given, where, is_new):
    """What the cell says, as CSV has it; `given` is the CSV's text; is_new: of
    another run, at another time."""
    value = cell.value
    is_instant = re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z', given)
    is_day = re.fullmatch(r'\d{4}-\d\d-\d\d', given)
    if cell.data_type == 'f' or cell.hyperlink:
        fault(where, 'a formula or link', value)
    if bool(is_instant or is_day) != cell.is_date:
        fault(where, 'days and instants are of their type, and nothing else is:', given, repr(value))
    if cell.is_date:
        want = datetime.datetime.fromisoformat(given[:23])
        if not is_new and abs(value - want) >= datetime.timedelta(milliseconds=1):
            fault(where, given, value)
        return given
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return given if float(given) == value else repr(value)
    return '' if value is None else openpyxl.utils.escape.unescape(value)


def compare(name, words, text, path):
    rows = list(csv.reader(io.StringIO(text)))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    what = ' '.join(['attest', name, words]).strip()
    if not rows or len(book.worksheets) != 1:
        fault(what, len(rows), 'rows,', len(book.worksheets), 'sheets')
        return
    if sheet.freeze_panes != 'A2' or not all(cell.font.b for cell in sheet[1]):
        fault(what, 'the heads are not bold, or move')
    if sheet.max_row != len(rows) or sheet.max_column != len(rows[0]):
        fault(what, 'is', sheet.max_row, 'by', sheet.max_column, 'not', len(rows), 'by', len(rows[0]))
        return
    numbers = dates = 0
    is_new = name in WRITES or name in ('init', 'key')
    for number, row in enumerate(rows, 1):
        for column, given in enumerate(row, 1):
            cell = sheet.cell(number, column)
            where = f'{what} {cell.coordinate}'
            if len(given) > 1 and given[0] == "'" and given[1] in '=+-@\t\r':
                given = given[1:]  # CSV cannot say that it is a text
            found = as_text(cell, given, where, is_new) if number > 1 else cell.value
            is_same = found == given
            if is_new:
                is_same = masked(found) == masked(given)
            if not is_same:
                fault(where, repr(given), 'is', repr(found))
            numbers += cell.data_type == 'n' and given != '' and not cell.is_date
            dates += cell.is_date
            if number > 1 and given and rows[0][column - 1] in NUMBERS and cell.data_type != 'n' and given[-1:].isdigit():
                fault(where, 'is no number:', given)
    words = re.sub(r'sha256:\S+|[0-9a-f]{64}|population/\S+', '...', words)
    print(f'{name} {words}'.strip() + ': ' + ', '.join(
        one for one, count in [('rows', len(rows) - 1), ('numbers', numbers), ('times', dates)] if count))


def walk(name, words):
    if name in ('init', 'key', 'ledger start'):
        words = [words.replace('{form}', form) for form in ('csv', 'xlsx')]
    else:
        words = [words, words]
    folders = ['data', 'data']
    if name in WRITES:
        folders = ['copy-csv', 'copy-xlsx']
        for folder in folders:
            shutil.copytree('data', folder)
    if name == 'init':
        folders = words
    text = attest(*name.split(), *words[0].split(), '-o', 'csv', folder=folders[0]).stdout
    done = attest(*name.split(), *words[1].split(), '-o', 'xlsx', '--out', 'book.xlsx', folder=folders[1])
    if done.stdout:
        fault(name, words[1], 'prints beside the workbook:', done.stdout)
    if os.path.exists('book.xlsx'):
        compare(name, words[0], text, 'book.xlsx')
        os.unlink('book.xlsx')
    else:
        fault('attest', name, words[1], 'gives no workbook')
    for folder in folders if name in WRITES else []:
        shutil.rmtree(folder)


names = {'file': rows_of('file')[0]['name'],
         'segment': rows_of('segments')[0]['segment'], 'population': rows_of('population')[0]['name']}
listed = attest('log', '-o', 'json').stdout
names['run'] = re.search(r'"type": "test.run".*?"leaf": "([0-9a-f]{64})"', listed, re.S)[1]
with open('shipments.csv', 'w') as out:
    out.write('id,packed_by,checked_by,weight,sent_at\ns-9,cy,di,4,2026-07-01 10:00\n')
verbs = re.findall(r'^  (\S+(?: \S+)?)  +\S', subprocess.run(['attest', '--help'], capture_output=True, text=True).stdout, re.M)
for verb in verbs:
    if verb in NO_DATA:
        done = attest(*verb.split(), '-o', 'xlsx', '--out', 'book.xlsx', status=(2,))
        if 'prints no data' not in done.stderr or os.path.exists('book.xlsx'):
            fault(verb, 'should print no data:', done.stderr)
    elif verb not in LISTS:
        fault('attest', verb, 'is in no list of walk.py')
    for words in LISTS.get(verb, []):
        walk(verb, words.format(form='{form}', **names))
for verb in [*LISTS, *NO_DATA]:
    if verb not in verbs:
        fault('there is no verb', verb)
sys.exit(faults > 0)
