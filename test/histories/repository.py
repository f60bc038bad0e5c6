#!/usr/bin/env python3
"""repository.py ATTEST: a repository made here with git, examined with nothing but itself: changes,
approvals (trailers) and releases (tags) through the git reader, compared with what git says."""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from attest import Attest, Figures

SOURCES = '''kind: Person
id: own
name: Owner
roles: [administrator]
---
kind: Source
id: git-changes
population: changes
reader: git
fields: {id: id, repository: repository, title: subject, author: author, author_name: author_name, merged_by: committer, created_at: authored_at, deployed_at: committed_at}
---
kind: Source
id: git-approvals
population: approvals
reader: git
each: trailers
fields: {change_id: id, id: trailers.id, kind: trailers.kind, actor: trailers.email, actor_name: trailers.name, approved_at: committed_at}
---
kind: Source
id: git-commits
population: commits
reader: git
---
kind: Source
id: git-releases
population: releases
reader: git
records: tags
---
kind: Control
id: CM-1
title: Changes are reviewed
statement: Every change is reviewed by another person.
owner: person/own
type: preventive
mode: manual
frequency: per-event
criteria: [tsc-2017/CC8.1]
---
kind: Test
id: CM-1.T1
control: control/CM-1
nature: reperformance
procedure: Recomputed for every change whether another person reviewed it.
population: changes
attributes:
  - {id: A, title: Reviewed by another person, holds: "exists (select 1 from approvals p where p.change_id = item.id and p.kind = 'reviewed' and p.actor <> item.author)", why: "'by ' || item.author_name"}
---
kind: Test
id: CM-1.T2
control: control/CM-1
nature: inspection
procedure: What the repository says of every commit.
population: commits
attributes:
  - {id: plain, title: Not a merge, holds: not item.merge}
  - {id: signed, title: Carries a signature, holds: item.signed}
  - {id: tagged, title: Has a tag, holds: "list_contains(item.tags, 'v1.0') or list_contains(item.tags, 'v0.1') or list_contains(item.tags, 'v1.1')"}
  - {id: one_file, title: Changes one file, holds: item.files_changed = 1}
---
kind: Test
id: CM-1.T3
control: control/CM-1
nature: inspection
procedure: What the repository says of every release.
population: releases
attributes:
  - {id: annotated, title: An object of its own, holds: item.annotated}
  - {id: signed, title: Carries a signature, holds: item.signed}
  - {id: told_by_tagger, title: Has a time of its own, holds: item.time_source = 'tagger'}
'''
PEOPLE = {'ann': ('Ann Ash', 'ann@a.example'), 'ann2': ('A. Ash', 'ann@home.example'),
          'bob': ('Bob Böll', 'bob@b.example'), 'cy': ('Cy', 'CY@c.example')}
MAILMAP = 'Ann Ash <ann@a.example> A. Ash <ann@home.example>\n'
REVIEW = 'Reviewed-by: {0} <{1}>'
PERIOD = ('2025-01-01', '2025-12-31')


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith('GIT_')}
        self.env.update(GIT_CONFIG_NOSYSTEM='1', GIT_CONFIG_GLOBAL='/dev/null', HOME=folder,
                        GIT_COMMITTER_NAME='Merger', GIT_COMMITTER_EMAIL='merge@m.example')
        os.mkdir(folder)
        self.git('init', '-q', '-b', 'main')
        self.files = 0

    def git(self, *words, stdin=None, **env):
        done = subprocess.run(['git', '-C', self.folder, *words], capture_output=True, input=stdin,
                              env={**self.env, **env})
        if done.returncode:
            raise SystemExit(f'git {" ".join(words)}: {done.stderr.decode()}')
        return done.stdout.decode()

    def commit(self, who, at, message, files=1, committed=None):
        name, mail = PEOPLE[who]
        for _ in range(files):
            self.files += 1
            with open(f'{self.folder}/f{self.files}', 'w', encoding='utf-8') as out:
                out.write(f'{self.files}\n')
        self.git('add', '.')
        self.git('commit', '-q', '--allow-empty', '-m', message, GIT_AUTHOR_NAME=name,
                 GIT_AUTHOR_EMAIL=mail, GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=committed or at)
        return self.git('rev-parse', 'HEAD').strip()

    def sign(self, kind, name, text):
        """An object with a signature in its place: whether it is a good one is not asked here."""
        return self.git('hash-object', '-t', kind, '-w', '--stdin', stdin=text.encode()).strip()


def review(who):
    return REVIEW.format(*PEOPLE[who])


def build(repo):
    with open(f'{repo.folder}/.mailmap', 'w', encoding='utf-8') as out:
        out.write(MAILMAP)
    repo.commit('ann', '2024-12-30T10:00:00+0100', 'begin')
    # In 2025 by the committer's calendar, but not in UTC; then the reverse.
    repo.commit('bob', '2025-01-01T00:30:00+0100', f'too early\n\n{review("ann")}')
    repo.commit('bob', '2024-12-31T23:30:00-0100', f'early enough\n\n{review("ann")}')
    repo.git('tag', 'v0.1')
    repo.commit('ann', '2025-03-01T12:00:00Z', f'docs: say more\n\nWhy.\n\n{review("bob")}\n'
                f'Signed-off-by: Ann Ash <ann@a.example>', files=3)
    repo.commit('ann', '2025-03-02T12:00:00Z', f'fix: own review\n\n{review("ann")}')
    # The same person under a second address: git knows it by the mailmap alone.
    repo.commit('ann', '2025-03-03T12:00:00Z', f'fix: own review again\n\n{review("ann2")}')
    repo.commit('cy', '2025-03-04T12:00:00Z', 'fix: nobody looked')
    repo.commit('cy', '2025-03-05T12:00:00Z', f'fix: written as people write\n\n'
                f'reviewed-BY:   Bob Böll   <bob@b.example>  \nAcked-by: {PEOPLE["ann"][0]}\n'
                ' <ann@a.example>')
    repo.commit('cy', '2025-03-06T12:00:00Z', f'fix: not a trailer\n\n{review("bob")}\n\nThe end.')
    repo.git('checkout', '-q', '-b', 'side', 'HEAD~2')
    repo.commit('bob', '2025-04-01T12:00:00Z', f'side: one\n\n{review("cy")}',
                committed='2025-04-02T12:00:00Z')
    repo.git('checkout', '-q', 'main')
    name, mail = PEOPLE['ann']
    repo.git('merge', '-q', '--no-ff', '-m', 'Merge side', 'side', GIT_AUTHOR_NAME=name,
             GIT_AUTHOR_EMAIL=mail, GIT_AUTHOR_DATE='2025-04-03T12:00:00Z',
             GIT_COMMITTER_DATE='2025-04-03T12:00:00Z')
    repo.git('tag', '-a', 'v1.0', '-m', 'One', GIT_COMMITTER_DATE='2025-04-04T08:00:00-0500')
    tree, parent = (repo.git('rev-parse', ref).strip() for ref in ('HEAD^{tree}', 'HEAD'))
    signed = repo.sign('commit', 'HEAD', f'''tree {tree}
parent {parent}
author Bob Böll <bob@b.example> 1746000000 +0200
committer Merger <merge@m.example> 1746000000 +0200
gpgsig -----BEGIN PGP SIGNATURE-----
 none
 -----END PGP SIGNATURE-----

fix: signed

{review("ann")}
''')
    repo.git('update-ref', 'refs/heads/main', signed)
    tag = repo.sign('tag', 'v1.1', f'''object {signed}
type commit
tag v1.1
tagger Ann Ash <ann@a.example> 1746010000 +0200

One more
-----BEGIN PGP SIGNATURE-----
none
-----END PGP SIGNATURE-----
''')
    repo.git('update-ref', 'refs/tags/v1.1', tag)
    repo.git('reset', '-q', '--hard')


def what_git_says(repo):
    """Per commit of the period: author, reviewers, parents and so on; unified by the mailmap."""
    form = '%x1e%H%x1f%P%x1f%aE%x1f%ct%x1f%G?%x1f%(trailers:key=Reviewed-by,valueonly,unfold)'
    first, end = 1735689600, 1767225600 # 2025 in UTC
    commits = {}
    for record in repo.git('log', 'HEAD', f'--format={form}').split('\x1e')[1:]:
        name, parents, author, at, _, reviewers = record.strip('\n').split('\x1f')
        if not first <= int(at) < end:
            continue
        known = [repo.git('check-mailmap', ' '.join(line.split())).split('<')[1].split('>')[0]
                 for line in reviewers.split('\n') if '<' in line]
        files = repo.git('diff-tree', '--root', '-r', '--no-renames', '--no-commit-id',
                         '--name-only', name).split('\n')
        commits[name] = {'parents': parents.split(), 'author': author, 'reviewers': known,
                         'files': len([f for f in files if f])}
    return commits


def examine(figures, attest, repo, commits):
    parts = attest.test(PERIOD, 'CM-1.T1', 'CM-1.T2', 'CM-1.T3')
    found = parts['CM-1.T1']['found']['A']
    every = set().union(*found.values())
    figures.equal('commits of the year', every, set(commits))
    reviewed = {name for name, c in commits.items()
                if any(who != c['author'] for who in c['reviewers'])}
    figures.equal('reviewed by another', found['holds'], reviewed)
    figures.equal('not reviewed by another', found['fails'], set(commits) - reviewed)
    found = parts['CM-1.T2']['found']
    figures.equal('no merges', found['plain']['holds'],
                  {name for name, c in commits.items() if len(c['parents']) < 2})
    figures.equal('one file', found['one_file']['holds'],
                  {name for name, c in commits.items()
                   if len(c['parents']) < 2 and c['files'] == 1})
    figures.equal('signed', found['signed']['holds'],
                  {name for name in commits
                   if '\ngpgsig ' in repo.git('cat-file', 'commit', name)})
    tagged = {repo.git('rev-parse', f'{tag}^{{commit}}').strip() for tag in repo.git('tag').split()}
    figures.equal('tagged', found['tagged']['holds'], tagged & set(commits))
    found = parts['CM-1.T3']['found']
    kinds = dict(line.split() for line in repo.git(
        'for-each-ref', 'refs/tags', '--format=%(refname:short) %(objecttype)').splitlines())
    keys = {state: {key.split(',')[1].strip('"]') for key in keys}
            for state, keys in found['annotated'].items()}
    figures.equal('annotated', keys['holds'], {k for k, v in kinds.items() if v == 'tag'})
    figures.equal('not annotated', keys['fails'], {k for k, v in kinds.items() if v == 'commit'})
    figures.equal('signed tags', len(found['signed']['holds']), 1)
    figures.equal('told by the tagger', found['told_by_tagger'], found['annotated'])


def grow(figures, attest, repo, work):
    """A year later: what is there already is no second change, whatever has been tagged since."""
    clone = f'{work}/copy/project.git'
    repo.git('clone', '-q', '--bare', repo.folder, clone)
    for source in ('changes', 'approvals', 'commits', 'releases'):
        again = attest.load(f'git-{source}', clone)
        figures.equal(f'a clone of the same commits ({source})', again['already_imported'], True)
    repo.commit('cy', '2025-12-24T12:00:00Z', f'feat: more\n\n{review("ann")}')
    repo.git('tag', 'v1.2')
    for source in ('changes', 'approvals', 'releases'):
        attest.load(f'git-{source}', repo.folder)
    commits = what_git_says(repo)
    part = attest.test(PERIOD, 'CM-1.T1')['CM-1.T1']
    figures.equal('grown', set().union(*part['found']['A'].values()), set(commits))
    figures.equal('repeats', part['population']['repeats'], len(commits) - 1)


def main():
    figures = Figures()
    with tempfile.TemporaryDirectory() as work:
        repo = Repository(f'{work}/project')
        build(repo)
        attest = Attest(sys.argv[1], f'{work}/data')
        attest.apply(SOURCES)
        whole = len(repo.git('rev-list', 'HEAD').split())
        trailers = sum(line.count(':') > 0 for line in repo.git(
            'log', 'HEAD', '--format=%(trailers:only,unfold)').splitlines() if line.strip())
        figures.equal('commits', attest.load('git-commits', repo.folder)['kept'], whole)
        figures.equal('changes', attest.load('git-changes', repo.folder)['kept'], whole)
        figures.equal('trailers', attest.load('git-approvals', repo.folder)['kept'], trailers)
        figures.equal('tags', attest.load('git-releases', repo.folder)['kept'],
                      len(repo.git('tag').split()))
        examine(figures, attest, repo, what_git_says(repo))
        grow(figures, attest, repo, work)
    figures.done('a repository')


main()
