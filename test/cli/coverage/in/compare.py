"""Reads what attest wrote by other means: a workbook by zipfile and XML, a picture by XML.

compare.py book BOOK JSON MEMBER COLUMN... : each cell is the value of the JSON, an
                                             instant where it is one, else a text
compare.py picture SVG JSON                : each cell has the worst state of its rows
"""
import datetime
import json
import re
import sys
import xml.etree.ElementTree as xml
import zipfile

SHEET = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
INSTANT = r'\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z'
SVG = '{http://www.w3.org/2000/svg}'


def number(serial, style):
    """A cell without a style is a count; with one an instant, in days since 1899-12-30."""
    if style is None:
        return str(int(serial))
    at = datetime.datetime(1899, 12, 30) + datetime.timedelta(milliseconds=round(serial * 86400e3))
    return at.isoformat(timespec='milliseconds') + '...Z'


def book(path, source, member, *columns):
    archive = zipfile.ZipFile(path)
    assert archive.testzip() is None
    sheet = xml.fromstring(archive.read('xl/worksheets/sheet1.xml'))
    assert not list(sheet.iter(SHEET + 'f')), 'a formula'
    assert not list(sheet.iter(SHEET + 'hyperlink')), 'a link'
    found = {}
    for cell in sheet.iter(SHEET + 'c'):
        if cell.get('t') == 'inlineStr':
            found[cell.get('r')] = ''.join(part.text or '' for part in cell.iter(SHEET + 't'))
        else:
            found[cell.get('r')] = number(float(cell.find(SHEET + 'v').text), cell.get('s'))
    rows = json.load(open(source))
    rows = rows[member] if member else rows
    wanted = {}
    for line, row in enumerate([{name: name for name in columns}] + rows, 1):
        for letter, name in zip('ABCDEFGHIJ', columns):
            # "_x" begins an escape of this format, so one that is meant is escaped itself.
            text = str(row.get(name, '')).replace('_x', '_x005F_x')
            if re.fullmatch(INSTANT, text):
                text = text[:23] + '...Z'  # a cell holds no more of it
            if text:
                wanted[letter + str(line)] = text
    assert found == wanted, (found, wanted)
    print(len(rows), 'rows,', len(wanted), 'cells, the same')


def picture(path, source):
    order = ['evidence', 'ledger', 'stale', 'no-evidence', 'no-test', 'no-control']
    letters = dict(zip(order, 'ELSTC!'))
    wanted = {}
    for row in json.load(open(source))['rows']:
        place = (row['criterion'].split('/')[1], row['control'].split('/')[-1] or 'no control')
        wanted[place] = max(wanted.get(place, 'evidence'), row['state'], key=order.index)
    root = xml.parse(path).getroot()
    assert root.tag == SVG + 'svg' and root.get('role') == 'img'
    names = {root.find(SVG + 'title').get('id'), root.find(SVG + 'desc').get('id')}
    assert names == set(root.get('aria-labelledby').split())
    found = {}
    for group in root.findall(SVG + 'g'):
        title, letter = group.find(SVG + 'title').text, group.find(SVG + 'text').text
        place, _, _ = title.partition(': ')
        if ', ' in place and place.split(', ')[0] in {one for one, _ in wanted}:
            found[tuple(place.split(', '))] = letter
    assert found == {place: letters[state] for place, state in wanted.items()}
    print(len(found), 'cells, the same:', ' '.join(
        f'{letter}{list(found.values()).count(letter)}' for letter in letters.values()))


{'book': book, 'picture': picture}[sys.argv[1]](*sys.argv[2:])
