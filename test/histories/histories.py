#!/usr/bin/env python3
"""histories.py ATTEST NAME [PERIOD...]: the history NAME of test/inputs/changes, imported and tested
over its periods (by their first days; all if none is named); every count and every list of items
compared with truth.json, which was computed without this program."""
import json
import os
import sys
import tempfile
from datetime import date, timedelta

sys.dont_write_bytecode = True
from attest import Attest, Figures, digest, lines_of, population_digest

HERE = os.path.dirname(os.path.abspath(__file__))


def programme():
    """The documents, with the test of all items made from that of those that are no merges."""
    documents = open(f'{HERE}/programme.yaml', encoding='utf-8').read().split('---\n')
    test = next(d for d in documents if 'id: non_merge\n' in d)
    every = test.replace('id: non_merge\n', 'id: all_items\n').replace('where: not merge\n', '')
    return '---\n'.join(documents + [every])


def test_of(name, attributes, where='', population='h_changes'):
    text = f'''---
kind: Test
id: {name}
control: control/H-1
nature: reperformance
procedure: Counted.
population: {population}
extent: full
'''
    if where:
        text += f'where: {json.dumps(where)}\n'
    return text + 'attributes:\n' + ''.join(
        f'  - {{id: {k}, title: {k}, holds: {json.dumps(v)}}}\n' for k, v in attributes.items())


def first_by(column, start, end):
    """Of the items with one value of the column, the first: so many hold as there are values."""
    return (f"not exists (select 1 from h_changes c where c.{column} = item.{column} and "
            f"c.committed_at >= {start} and c.committed_at < {end} and (c.committed_at < "
            "item.committed_at or c.committed_at = item.committed_at and c.id < item.id))")


def period_tests(truth):
    """What truth.json says of a period beyond the attributes, as tests of that period."""
    start, end = (f"timestamp '{truth[k][:10]} 00:00:00'" for k in ('start', 'end_exclusive'))
    inside = f'c.committed_at >= {start} and c.committed_at < {end}'
    local = "cast(substring(item.committed_as_written, 1, 10) as date)"
    is_local = f"{local} >= cast({start} as date) and {local} < cast({end} as date)"
    longest = truth['gaps']['longest_interval_seconds']
    facts = {
        'merge': 'item.merge',
        'author_first': first_by('author', start, end),
        'author_name_first': first_by('author_name_id', start, end),
        'committer_first': first_by('committer', start, end),
        'authored_outside': f'item.authored_at < {start} or item.authored_at >= {end}',
        'local_outside': f'not ({is_local})',
        'subject_used_again': 'not item.merge and exists (select 1 from h_changes c where '
                              f'c.subject = item.subject and c.id <> item.id and not c.merge and '
                              f'{inside})',
        'subject_used_again_first': 'not item.merge and exists (select 1 from h_changes c where '
                                    f'c.subject = item.subject and not c.merge and {inside} '
                                    'group by c.subject having count(*) > 1 and '
                                    'min(c.id) = item.id)',
        'change_id_used_again_first':
            'exists (select 1 from h_trailers mine join h_trailers other on other.value = '
            'mine.value join h_changes c on c.id = other.change_id where mine.change_id = item.id '
            "and lower(mine.name) = 'change-id' and lower(other.name) = 'change-id' and "
            f'{inside} group by mine.value having count(distinct other.change_id) > 1 and '
            'min(other.change_id) = item.id)',
        'after_longest_interval':
            f"item.committed_at >= {start} + interval '{longest}' second and not exists (select "
            '1 from h_changes c where c.committed_at > item.committed_at - interval '
            f"'{longest}' second and c.committed_at >= {start} and (c.committed_at < "
            'item.committed_at or c.committed_at = item.committed_at and c.id < item.id))',
    }
    for month in truth['per_month_utc']:
        facts['m' + month.replace('-', '')] = (
            f"date_trunc('month', item.committed_at) = timestamp '{month}-01 00:00:00'")
    outside = test_of('outside', {'local': 'true'},
                      f"{is_local} and not (item.committed_at >= {start} and "
                      f"item.committed_at < {end})")
    releases = test_of('release_order', {
        'first': f'not exists (select 1 from h_releases r where r.released_at >= {start} and '
                 '(r.released_at < item.released_at or r.released_at = item.released_at and '
                 'r.name < item.name))',
        'last': f'not exists (select 1 from h_releases r where r.released_at < {end} and '
                '(r.released_at > item.released_at or r.released_at = item.released_at and '
                'r.name > item.name))'}, population='h_releases')
    reviews = test_of('reviews', {'told': 'true'}, population='h_reviews')
    return test_of('facts', facts) + outside + releases + reviews


def compare_attributes(figures, what, part, truth):
    for name, wanted in truth.items():
        found = part['found'][name]
        figures.equal(f'{what} {name}: count', len(found['holds']), wanted['count'])
        figures.equal(f'{what} {name}: of', sum(map(len, found.values())), wanted['of'])
        figures.equal(f'{what} {name}: ids', digest(found['holds']), wanted['ids_sha256'])


def compare_facts(figures, what, parts, truth):
    found = {k: v['holds'] for k, v in parts['facts']['found'].items()}
    counts = {
        'merge': truth['count_merges'],
        'author_first': truth['distinct_authors_address'],
        'author_name_first': truth['distinct_authors_name'],
        'committer_first': truth['distinct_committers_address'],
        'authored_outside': truth['author_time_outside_period'],
        'local_outside': truth['in_period_utc_but_local_date_outside'],
        'subject_used_again': truth['duplicates']['items_in_those'],
        'subject_used_again_first':
            truth['duplicates']['non_merge_subjects_used_more_than_once'],
        'change_id_used_again_first': truth['duplicates']['change_ids_used_more_than_once'],
    }
    counts.update(('m' + k.replace('-', ''), v) for k, v in truth['per_month_utc'].items())
    for name, wanted in counts.items():
        figures.equal(f'{what} {name}', len(found[name]), wanted)
    figures.equal(f'{what} subjects used again: ids', digest(found['subject_used_again']),
                  truth['duplicates']['items_ids_sha256'])
    figures.equal(f'{what} after the longest interval', found['after_longest_interval'],
                  {truth['gaps']['to_id']})
    figures.equal(f'{what} outside by UTC, inside by calendar',
                  parts['outside']['population']['items'],
                  truth['local_date_inside_but_not_in_period_utc'])


def compare_populations(figures, attest, what, parts, truth):
    every, plain = parts['all_items'], parts['non_merge']
    for part, count, ids in ((every, 'count', 'ids_sha256'),
                             (plain, 'count_non_merge', 'non_merge_ids_sha256')):
        names = set().union(*part['found']['has_change_id'].values())
        figures.equal(f'{what} {count}', part['population']['items'], truth[count])
        figures.equal(f'{what} {count}: ids', digest(names), truth[ids])
        figures.equal(f'{what} {count}: population digest', part['population']['digest'],
                      population_digest(names))
        figures.equal(f'{what} {count}: undated', part['population']['undated'], 0)
    figures.equal(f'{what} repeats', every['population']['repeats'],
                  truth['duplicates']['duplicate_ids'])
    record = attest.population(every)
    figures.equal(f'{what} days without change', record['silent_days']['count'],
                  truth['gaps']['days_without_change_utc'])
    totals = {one['name']: one['value'] for one in attest.population(plain)['control_totals']}
    figures.equal(f'{what} files changed', totals['files_changed'],
                  str(truth['files_changed_non_merge']['sum']))


def compare_releases(figures, what, parts, truth):
    names = set().union(*parts['releases']['found']['annotated'].values())
    figures.equal(f'{what} releases', len(names), truth['count'])
    figures.equal(f'{what} releases: names', digest(names), truth['names_sha256'])
    for name in ('first', 'last'):
        found = parts['release_order']['found'][name]['holds']
        figures.equal(f'{what} {name} release', found, {truth[name]} - {None})


def trailers_of(changes, attest):
    """One line a trailer: the lists of these files do not number their elements, and two may be
    equal, so that nothing in them could be a key."""
    path = f'{attest.folder}-trailers.ndjson'
    with open(path, 'w', encoding='utf-8') as out:
        for row in lines_of(changes):
            for seq, trailer in enumerate(row['trailers'], 1):
                line = {'change_id': row['id'], 'seq': seq, 'committed_at': row['committed_at'],
                        'name': trailer['key'], **trailer}
                del line['key']
                out.write(json.dumps(line) + '\n')
    return path


def reviews_of(changes, attest):
    """One line a review number, which stands at the end of Reviewed-on."""
    path = f'{attest.folder}-reviews.ndjson'
    with open(path, 'w', encoding='utf-8') as out:
        for row in lines_of(changes):
            for trailer in row['trailers']:
                number = trailer.get('value', '').rstrip('/').rsplit('/', 1)[-1]
                if trailer['key'].lower() == 'reviewed-on' and number.isdigit():
                    line = {'change_id': row['id'], 'number': int(number),
                            'committed_at': row['committed_at']}
                    out.write(json.dumps(line) + '\n')
    return path


def compare_reviews(figures, attest, what, part, truth):
    """The numbers as a sequence that a complete list would have without gaps."""
    found = attest.population(part)['sequence']
    figures.equal(f'{what} first review', found['first'], str(truth['lowest']))
    figures.equal(f'{what} last review', found['last'], str(truth['highest']))
    figures.equal(f'{what} reviews elsewhere', found['missing'], str(truth['missing_between']))
    figures.equal(f'{what} reviews', int(found['last']) - int(found['first']) + 1 -
                  int(found['missing']), truth['distinct'])


def load(figures, attest, folder, truth):
    whole = truth['whole_file']
    changes = f'{folder}/changes.ndjson.zst'
    figures.equal('changes', attest.load('changes', changes)['kept'], whole['rows'])
    figures.equal('trailers', attest.load('trailers', trailers_of(changes, attest))['kept'],
                  whole['trailers'])
    attest.load('parents', changes)
    attest.load('reviews', reviews_of(changes, attest))
    figures.equal('releases', attest.load('releases', f'{folder}/releases.ndjson.zst')['kept'],
                  whole['releases'])
    if os.path.exists(f'{folder}/approvals.ndjson.zst'):
        attest.load('approvals', f'{folder}/approvals.ndjson.zst')
    else: # approvals left no trace in this history: an empty list, not a missing one
        empty = f'{attest.folder}-none.ndjson'
        open(empty, 'w').close()
        figures.equal('approvals', attest.load('approvals', empty)['kept'], 0)
    if os.path.exists(f'{folder}/landings.ndjson.zst'):
        landings = f'{folder}/landings.ndjson.zst'
        figures.equal('landings', attest.load('landings', landings)['kept'],
                      len(lines_of(landings)))


def whole_history(figures, attest, truth):
    """All of it, whatever its time."""
    attest.apply(test_of('landed', {
        'landed': 'exists (select 1 from h_landings l where l.change_id = item.id)'}))
    part = attest.test(('2000-01-01', '2039-12-31'), 'landed')['landed']
    names = set().union(*part['found']['landed'].values())
    figures.equal('whole file: ids', digest(names), truth['whole_file']['ids_sha256'])
    figures.equal('whole file: distinct', len(names), truth['whole_file']['distinct_ids'])
    return part


def main():
    program, name, *chosen = sys.argv[1:]
    folder = f'{HERE}/../inputs/changes/{name}'
    truth = json.load(open(f'{folder}/truth.json', encoding='utf-8'))
    figures = Figures()
    with tempfile.TemporaryDirectory() as work:
        attest = Attest(program, f'{work}/data')
        attest.apply(programme())
        load(figures, attest, folder, truth)
        part = whole_history(figures, attest, truth)
        if name == 'distribution':
            figures.equal('each change has landed', len(part['found']['landed']['fails']), 0)
        for period in truth['periods']:
            start, end = period['start'][:10], period['end_exclusive'][:10]
            if chosen and start not in chosen:
                continue
            last = (date.fromisoformat(end) - timedelta(days=1)).isoformat()
            attest.apply(period_tests(period))
            parts = attest.test((start, last), 'all_items', 'non_merge', 'facts', 'releases',
                                'release_order', 'reviews')
            parts.update(attest.test(('2000-01-01', '2039-12-31'), 'outside'))
            what = f'{name} {start}'
            compare_populations(figures, attest, what, parts, period)
            compare_attributes(figures, f'{what} all', parts['all_items'], period['all_items'])
            compare_attributes(figures, f'{what} no merges', parts['non_merge'],
                               period['non_merge'])
            compare_facts(figures, what, parts, period)
            compare_releases(figures, what, parts, period['releases'])
            if period['review_numbers']:
                compare_reviews(figures, attest, what, parts['reviews'],
                                period['review_numbers'])
    figures.done(name)


main()
