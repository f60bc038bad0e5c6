"""attest called as people call it, for the tests of this folder."""
import csv
import hashlib
import io
import json
import os
import subprocess


def lines_of(path):
    """The lines of an NDJSON file, unpacked if need be."""
    data = subprocess.run(['zstd', '-dcq', path], capture_output=True, check=True).stdout
    return [json.loads(line) for line in data.splitlines()]


def digest(names):
    """As truth.json has it: sorted by bytes, joined by LF, no LF at the end."""
    return hashlib.sha256('\n'.join(sorted(names)).encode()).hexdigest()


def population_digest(names):
    """As the contract has it: canonical keys, each followed by LF, sorted by bytes."""
    keys = sorted(json.dumps([name], separators=(',', ':'), ensure_ascii=False).encode()
                  for name in names)
    return 'sha256:' + hashlib.sha256(b''.join(key + b'\n' for key in keys)).hexdigest()


class Attest:
    def __init__(self, program, folder, person='person/own', *options):
        self.program, self.folder = program, folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith('ATTEST_')}
        self.env.update(ATTEST_DIR=folder, ATTEST_AS=person)
        self.run('init', folder, *options)

    def run(self, *words, status=(0,), stdin=None):
        """Standard output; the words of standard error stay in self.said."""
        done = subprocess.run([self.program, *words], capture_output=True, env=self.env,
                              input=stdin)
        self.said = done.stderr.decode()
        if done.returncode not in status:
            raise SystemExit(f'attest {" ".join(words)}: exit {done.returncode}, '
                             f'expected {status}\n{self.said}')
        return done.stdout.decode()

    def json(self, *words, status=(0,)):
        return json.loads(self.run(*words, '-o', 'json', status=status))

    def apply(self, text):
        self.run('apply', '-f', '-', '--yes', stdin=text.encode())

    def load(self, source, path, *options):
        return self.json('import', f'source/{source}', path, *options)['segments'][0]

    def test(self, period, *tests):
        """{name: its part of the answer, with 'found': {attribute: {result: set of ids}}}"""
        answer = self.json('test', 'run', *('test/' + name for name in tests), '--period',
                           f'{period[0]}..{period[1]}', status=(0, 1))
        result = {}
        for part in answer['tests']:
            part['found'] = self.matrix(part)
            result[part['test'].removeprefix('test/')] = part
        return result

    def matrix(self, part):
        rows = csv.DictReader(io.StringIO(self.run('test', 'items', part['run'], '-o', 'csv'),
                                          newline=''))
        found = {one['id']: {'holds': set(), 'fails': set(), 'undecided': set()}
                 for one in part['attributes']}
        for row in rows:
            for name, results in found.items():
                results[row[name]].add(row['key'])
        for one in part['attributes']:
            for state, names in found[one['id']].items():
                if len(names) != one[state]:
                    raise SystemExit(f"{part['test']} {one['id']}: {one[state]} items {state}, "
                                     f"{len(names)} in the matrix")
        return found

    def population(self, part):
        return self.json('population', part['population']['name'])


class Figures:
    """Compares, tells what differs, counts."""

    def __init__(self):
        self.compared = 0
        self.different = 0

    def equal(self, what, got, wanted):
        self.compared += 1
        if got == wanted:
            return
        self.different += 1
        if isinstance(got, (set, frozenset)):
            got, wanted = sorted(got - wanted)[:5], sorted(wanted - got)[:5]
            print(f'{what}: only found {got}, only in the truth {wanted}')
        else:
            print(f'{what}: {got}, in truth {wanted}')

    def done(self, what):
        print(f'{what}: {self.compared - self.different} of {self.compared} figures equal')
        raise SystemExit(1 if self.different or not self.compared else 0)
