#!/usr/bin/env python3
"""page.py ATTEST PAGE: takes the files (yaml and sh blocks that begin with their name) and commands (console
blocks) of a page in order and compares what is printed. Digests, keys and times differ from run to
run; `...` stands for any lines; a block marked status=1 must end so. examples/ is at hand. A
repository is not cloned but built from test/inputs/changes/optee."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from attest import lines_of

HERE = os.path.dirname(os.path.abspath(__file__))
CHANGES = f'{HERE}/../inputs/changes/optee/changes.ndjson.zst'
APPROVES = {'reviewed-by', 'acked-by', 'approved-by'}


def blocks(page):
    """(words of the fence, lines) of each fenced block."""
    for match in re.finditer(r'^```(.*)\n((?:.*\n)*?)```$', page, re.M):
        yield match[1].split(), match[2].splitlines()


def commands(lines):
    """(command, expected lines) of a console block; a command goes on with "> "."""
    found = []
    for line in lines:
        if line.startswith('$ '):
            found.append([line[2:], []])
        elif line.startswith('> ') and not found[-1][1]:
            found[-1][0] += '\n' + line[2:]
        else:
            found[-1][1].append(line)
    return found


def masked(line):
    line = re.sub(r'\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,}', '+KEY', line)
    return re.sub(r'\b[0-9a-f]{8,64}\b', 'HEX', line).rstrip()


def matches(wanted, got):
    if not wanted:
        return not got
    if wanted[0] == '...':
        return any(matches(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and masked(wanted[0]) == masked(got[0]) and matches(wanted[1:], got[1:])


class Shell:
    """One bash for the whole page: what is exported stays."""

    def __init__(self, program, folder):
        env = {k: v for k, v in os.environ.items() if not k.startswith('ATTEST_')}
        env['PATH'] = f'{os.path.dirname(os.path.abspath(program))}:{env["PATH"]}'
        os.symlink(os.path.abspath('examples'), f'{folder}/examples')
        self.bash = subprocess.Popen(['bash'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, cwd=folder, env=env, text=True)

    def run(self, command):
        self.bash.stdin.write(f'{command}\nprintf "\\036%s\\n" $?\n')
        self.bash.stdin.flush()
        said = []
        for line in self.bash.stdout:
            if line.startswith('\036'):
                return [text.rstrip('\n') for text in said], int(line[1:])
            said.append(line)
        raise SystemExit(f'the shell ended in: {command}')


def clone(command):
    if not command.startswith('git clone'):
        return command
    return f'python3 {shlex.quote(HERE)}/rebuild.py optee {shlex.quote(command.split()[-1])}'


def run_blocks(page, program, folder):
    shell, faults, count = Shell(program, folder), 0, 0
    for fence, lines in blocks(page):
        if fence[:1] in (['yaml'], ['sh']) and lines[0].startswith('# '):
            with open(f'{folder}/{lines[0].removeprefix("# ")}', 'w', encoding='utf-8') as out:
                out.write('\n'.join(lines) + '\n')
            continue
        if fence[:1] != ['console']:
            continue
        allowed = 1 if 'status=1' in fence else 0
        for command, wanted in commands(lines):
            got, status = shell.run(clone(command))
            got = [line for line in got if line.strip()]
            count += 1
            if status != allowed or not matches([line for line in wanted if line.strip()], got):
                faults += 1
                print(f'$ {command}\n(status {status})', *got, '--- the page says:', *wanted,
                      sep='\n')
    return faults, count


def other_person(trailer, row):
    return trailer.get('who') != row['author'] and trailer.get('name_id') != row['author_name_id']


def table_is_true(page):
    """The commits listed are those that name no approver, by their real ids."""
    listed = set(re.findall(r'^\| `([0-9a-f]{9})` \| (.*) \|$', page, re.M))
    rows = [row for row in lines_of(CHANGES) if row['committed_at'].startswith('2023')]
    wanted = {(row['id'][:9], row['subject']) for row in rows if not any(
        t['key'].lower() in APPROVES and other_person(t, row) for t in row['trailers'])}
    own = {row['id'][:9] for row in rows if row['author'] == row['committer']}
    releases = {name for name, subject in wanted if subject.startswith('Update CHANGELOG for ')}
    if listed != wanted or own != releases:
        print('the table of commits is not that of the history:', listed ^ wanted, own ^ releases)
        return False
    return True


def links_lead_somewhere(path, page):
    """Files that the page points to are there."""
    lost = [to for to in re.findall(r'\]\(([^)#:]+)\)', page)
            if not os.path.exists(os.path.join(os.path.dirname(path), to))]
    if lost:
        print('links that lead nowhere:', *lost)
    return not lost


def main():
    page = open(sys.argv[2], encoding='utf-8').read()
    with tempfile.TemporaryDirectory() as folder:
        faults, count = run_blocks(page, sys.argv[1], folder)
    print(f'{count - faults} of {count} commands of the page print what it says')
    is_true = links_lead_somewhere(sys.argv[2], page)
    is_true &= 'optee_os.git' not in page or table_is_true(page)
    raise SystemExit(0 if is_true and not faults and count > 5 else 1)


main()
