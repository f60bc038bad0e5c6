#!/usr/bin/env python3
"""rebuild.py HISTORY FOLDER: a bare git repository from a history of test/inputs/changes. People stay
pseudonyms, files are so many as were changed, with nothing in them, so ids differ from the project's;
whatever is counted by people, times, parents, subjects, trailers and numbers of files is the same."""
import os
import subprocess
import sys
from datetime import datetime, timezone

sys.dont_write_bytecode = True
from attest import lines_of

HERE = os.path.dirname(os.path.abspath(__file__))


def raw_time(text):
    """'1672671600 +0100' of an RFC 3339 time."""
    at = datetime.fromisoformat(text)
    zone = text[-6:].replace(':', '')
    return f'{int(at.astimezone(timezone.utc).timestamp())} {zone}'


def person(name, address, at):
    return f'{name or "none"} <{address or ""}> {raw_time(at)}'


def message(row):
    lines = []
    for trailer in row['trailers']:
        if 'name_id' not in trailer:
            lines.append(f"{trailer['key']}: {trailer.get('value', 'x')}")
        elif trailer['who']:
            lines.append(f"{trailer['key']}: {trailer['name_id'] or ''} <{trailer['who']}>")
        else:
            lines.append(f"{trailer['key']}: {trailer['name_id']}")
    return row['subject'] + '\n' + ('\n' + '\n'.join(lines) + '\n' if lines else '')


def parents_first(rows):
    by_id, done, order = {row['id']: row for row in rows}, set(), []
    for row in reversed(rows):
        stack = [row]
        while stack:
            top = stack[-1]
            waits = [by_id[p] for p in top['parents'] if p in by_id and p not in done]
            if top['id'] not in done and waits:
                stack.extend(waits)
                continue
            if top['id'] not in done:
                done.add(top['id'])
                order.append(top)
            stack.pop()
    return order


def data(text):
    content = text.encode()
    return b'data %d\n%s\n' % (len(content), content)


def stream(rows, tags, out):
    marks = {}
    for number, row in enumerate(parents_first(rows), 1):
        marks[row['id']] = number
        out.write(b'blob\nmark :%d\n' % (1000000 + number) + data(str(number)))
        out.write(f'commit refs/heads/main\nmark :{number}\n'
                  f"author {person(row['author_name_id'], row['author'], row['authored_at'])}\n"
                  f"committer {person(row['committer_name_id'], row['committer'], row['committed_at'])}\n"
                  .encode() + data(message(row)))
        for kind, parent in zip(('from', 'merge', 'merge', 'merge'), row['parents']):
            out.write(f'{kind} :{marks[parent]}\n'.encode())
        for file in range(row['files_changed'] or 0):
            out.write(f'M 100644 :{1000000 + number} {file // 100}/{file}\n'.encode())
        out.write(b'\n')
    out.write(f"reset refs/heads/main\nfrom :{marks[rows[0]['id']]}\n\n".encode())
    for tag in tags:
        target = marks.get(tag['commit'])
        if target and tag['annotated']:
            tagger = person(tag['tagger_name_id'], tag['tagger'], tag['released_at'])
            out.write(f"tag {tag['name']}\nfrom :{target}\ntagger {tagger}\n".encode() +
                      data(tag['name']))
        elif target:
            out.write(f"reset refs/tags/{tag['name']}\nfrom :{target}\n\n".encode())


def main():
    history, folder = sys.argv[1:]
    source = f'{HERE}/../inputs/changes/{history}'
    rows, tags = (lines_of(f'{source}/{name}.ndjson.zst') for name in ('changes', 'releases'))
    subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', folder], check=True)
    feed = subprocess.Popen(['git', '-C', folder, 'fast-import', '--quiet'], stdin=subprocess.PIPE)
    stream(rows, tags, feed.stdin)
    feed.stdin.close()
    if feed.wait():
        raise SystemExit('git fast-import failed')


main()
