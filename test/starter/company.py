"""A quarter of records of an invented company: clean, but for what is planted; and the truth about it.

Each planted row breaks one rule (or the rules that it must break together), and says so with it. What the
starter tests find must be the truth: every planted key, and no other.
"""
from datetime import datetime, timedelta

START, END = datetime(2026, 1, 1), datetime(2026, 4, 1)
# Weekly inventories, the last one after the period, so that what became of leavers can be seen.
WEEKS = [START + timedelta(days=7 * week) for week in range(14)]
DAYS = [START + timedelta(days=day, hours=6) for day in range(90)]
# Daily inventories, but for the one that was forgotten.
FORGOTTEN = START + timedelta(days=45)
NIGHTS = [START + timedelta(days=day) for day in range(92) if START + timedelta(days=day) != FORGOTTEN]
EARLIER = datetime(2025, 6, 1)
STAFF = {'w1': 'ann', 'w2': 'bob', 'w3': 'cy', 'w4': 'dee', 'w5': 'eli', 'w6': 'fay'}


def at(month, day, hour=0, minute=0, second=0, year=2026):
    return datetime(year, month, day, hour, minute, second)


def after(moment, **span):
    return moment + timedelta(**span)


class Company:
    def __init__(self):
        self.rows = {}
        self.truth = {}

    def add(self, population, **row):
        self.rows.setdefault(population, []).append(row)

    def plant(self, population, key, breaks, undecided=(), **row):
        """breaks, undecided: 'TEST.ID A C' each; the key as the matrix writes it."""
        self.add(population, **row)
        self.breaks(key, breaks, undecided)

    def breaks(self, key, breaks, undecided=()):
        for result, lines in (('fails', breaks), ('undecided', undecided)):
            for line in [lines] if isinstance(lines, str) else lines:
                test, *attributes = line.split()
                for attribute in attributes:
                    self.truth.setdefault(test, {}).setdefault(attribute, {}) \
                        .setdefault(result, set()).add(key)


def stamp(moment):
    return moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def seen(*key):
    """The key of what an inventory showed: in lists the observation is written as a time."""
    return tuple(stamp(part) if isinstance(part, datetime) else part for part in key)


# --- access ----------------------------------------------------------------------------------------------------------


def workers(c):
    for number in STAFF:
        c.add('workers', id=number, started_at=EARLIER, updated_at=WEEKS[13])
    for number, left in (('w7', at(2, 10, 17)), ('w8', at(2, 20, 17)), ('w9', at(3, 30, 17))):
        c.add('workers', id=number, started_at=EARLIER, left_at=left, updated_at=WEEKS[13])
    c.breaks('w8', 'ACC-03.T1 A C')  # still open, and used
    c.breaks('w9', 'ACC-03.T1 B')  # nobody looked at the wiki again


def account(c, system, name, worker, moment, **more):
    row = dict(system=system, id=name, worker_id=worker, username=STAFF.get(worker, name), type='personal',
               status='active', mfa=True, privileged=False, created_at=EARLIER, observed_at=moment)
    c.add('accounts', **{**row, **more})
    return seen(system, name, moment)


def accounts(c):
    for moment in WEEKS:
        inside = moment < END
        for worker in STAFF:
            account(c, 'identity', f'u-{worker}', worker, moment)
        open_until = after(at(2, 10, 17), hours=2)
        gone = moment > open_until
        account(c, 'identity', 'u-w7', 'w7', moment, status='disabled' if gone else 'active',
                disabled_at=open_until if gone else None)
        key = account(c, 'identity', 'u-w8', 'w8', moment)
        if inside and moment > at(2, 21, 17):
            c.breaks(key, 'ACC-03.T2 B')
        if moment < WEEKS[12]:
            account(c, 'wiki', 'u-w9', 'w9', moment)
        account(c, 'identity', 'adm-w1', 'w1', moment, privileged=True)
        account(c, 'production', 'svc-ci', None, moment, type='service', owner_id='w1', mfa=None,
                secret_changed_at=at(12, 1, year=2025))
    moment = WEEKS[6]
    c.breaks(account(c, 'identity', 'no-factor', 'w2', moment, mfa=False), 'ACC-05.T2 A')
    c.breaks(account(c, 'identity', 'unknown-factor', 'w2', moment, mfa=None), (), 'ACC-05.T2 A')
    c.breaks(account(c, 'crm', 'of-nobody', 'w77', moment), 'ACC-03.T2 A')
    c.breaks(account(c, 'crm', 'not-granted', 'w3', moment), 'ACC-02.T2 A')
    c.breaks(account(c, 'crm', 'not-reviewed', 'w3', moment), 'ACC-04.T2 A')
    c.breaks(account(c, 'crm', 'only-admin', 'w4', moment, privileged=True), 'ACC-07.T1 B')
    c.breaks(account(c, 'crm', 'shared-admin', None, moment, type='shared', privileged=True, owner_id='w2',
                     secret_changed_at=at(1, 1)), 'ACC-07.T1 A B')
    c.breaks(account(c, 'crm', 'no-owner', None, WEEKS[8], type='service', owner_id='w7',
                     secret_changed_at=at(1, 1)), 'ACC-08.T1 A')
    c.breaks(account(c, 'crm', 'old-secret', None, moment, type='service', owner_id='w2'), 'ACC-08.T1 B')
    c.breaks(account(c, 'crm', 'unknown-secret', None, moment, type='service', owner_id='w2', created_at=None), (),
             ['ACC-08.T1 B', 'ACC-04.T2 A'])
    # Every account was granted and is reviewed twice, but for the two that are named after it.
    names = sorted({(row['system'], row['id'], row['worker_id']) for row in c.rows['accounts']}, key=str)
    for system, name, worker in names:
        if name != 'not-granted':
            c.add('access_grants', id=f'g-{system}-{name}', system=system, account_id=name, requested_by='ann',
                  approved_by='bob', granted_by='robot', approved_at=after(EARLIER, hours=-2), granted_at=EARLIER,
                  updated_at=EARLIER)
        if name not in ('not-reviewed', 'unknown-secret'):
            for number, decided in enumerate((at(12, 10, year=2025), at(3, 10))):
                c.add('access_review_items', id=f'{system}-{name}-{number}', review='r', system=system,
                      account_id=name, worker_id=worker, reviewer_id='w6' if worker != 'w6' else 'w5', decision='keep',
                      reason='needs it', decided_at=decided, updated_at=decided)


def access(c):
    workers(c)
    accounts(c)
    good = dict(system='crm', account_id='x', requested_by='ann', approved_by='bob', granted_by='robot',
                approved_at=at(1, 10, 9), granted_at=at(1, 10, 10), updated_at=at(1, 10, 10))
    c.add('access_grants', id='g-good', **good)
    c.plant('access_grants', 'g-late', 'ACC-02.T1 A', **{**good, 'id': 'g-late', 'approved_at': at(1, 10, 10, 0, 1)})
    c.plant('access_grants', 'g-own', 'ACC-02.T1 B', **{**good, 'id': 'g-own', 'approved_by': 'Ann'})
    c.plant('access_grants', 'g-self', 'ACC-02.T1 C',
            **{**good, 'id': 'g-self', 'system': 'identity', 'account_id': 'u-w3', 'granted_by': 'cy'})
    c.plant('access_grants', 'g-none', (), 'ACC-02.T1 A B',
            **{**good, 'id': 'g-none', 'approved_by': None, 'approved_at': None})
    item = dict(review='r', system='identity', account_id='u-w1', worker_id='w1', reviewer_id='w6', decision='keep',
                reason='needs it', decided_at=at(3, 10), updated_at=at(3, 30))
    c.plant('access_review_items', 'i-own', 'ACC-04.T1 A', **{**item, 'id': 'i-own', 'reviewer_id': 'w1'})
    c.plant('access_review_items', 'i-no-reason', 'ACC-04.T1 B', **{**item, 'id': 'i-no-reason', 'reason': None})
    c.plant('access_review_items', 'i-late', 'ACC-04.T1 C', **{
        **item, 'id': 'i-late', 'account_id': 'u-w7', 'decision': 'remove', 'removed_at': at(3, 20, 0, 0, 1)})
    c.plant('access_review_items', 'i-still-open', 'ACC-04.T1 D', **{
        **item, 'id': 'i-still-open', 'account_id': 'u-w2', 'decision': 'remove', 'removed_at': at(3, 12)})
    for number in range(20):
        c.add('logins', id=f'l-{number}', system='identity', account_id='u-w1', result='success', mfa=True,
              method='key', attempted_at=after(START, days=number))
    c.add('logins', id='l-refused', system='identity', account_id='u-w1', result='failure', mfa=False,
          attempted_at=at(1, 5))
    c.add('logins', id='l-leaver', system='identity', account_id='u-w8', result='success', mfa=True,
          attempted_at=at(2, 25))
    c.plant('logins', 'l-alone', 'ACC-05.T1 A', id='l-alone', system='identity', account_id='u-w1', result='success',
            mfa=False, method='password', attempted_at=at(1, 5))
    settings(c)
    c.add('elevations', id='e-good', system='production', worker_id='w1', reason='restore', approved_by='bob',
          approved_at=at(1, 5, 9), started_at=at(1, 5, 10), ended_at=at(1, 5, 12), session_log='s3/e', break_glass=False,
          updated_at=at(1, 6))
    c.plant('elevations', 'e-bad', 'ACC-07.T2 A B C D', id='e-bad', system='production', worker_id='w1',
            approved_by='ann', approved_at=at(1, 5, 9), started_at=at(1, 5, 10), ended_at=at(1, 5, 22, 0, 1),
            break_glass=False, updated_at=at(1, 6))
    c.plant('elevations', 'e-emergency', 'ACC-07.T2 D', id='e-emergency', system='production', worker_id='w2',
            ticket='OPS-1', approved_by='ann', approved_at=at(1, 7, 10, 0, 1), started_at=at(1, 5, 10),
            ended_at=at(1, 5, 12), session_log='s3/e', break_glass=True, updated_at=at(1, 8))
    places(c)


def settings(c):
    good = dict(system='identity', password_sign_in=True, password_length=14, common_refused=True, lockout_attempts=5,
                session_minutes=480, mfa_required=True, key_max_days=90)
    for number, moment in enumerate(DAYS):
        if number != 50:
            c.add('auth_settings', id='identity', observed_at=moment, **{
                **good, **({'password_length': 11, 'session_minutes': None} if number == 40 else {})})
    c.breaks(seen('identity', DAYS[40]), 'ACC-06.T1 A C')
    c.breaks(seen('identity', DAYS[51]), 'ACC-06.T2 A')
    c.plant('auth_settings', seen('crm', DAYS[40]), 'ACC-06.T1 B D E', 'ACC-06.T1 A', id='crm', password_sign_in=True,
            password_length=14, session_minutes=60, mfa_required=False, observed_at=DAYS[40])


def places(c):
    for number in range(1, 5):
        c.add('releases', repository='app', id=f'v{number}', commit=f'r{number}', released_at=after(START, days=number))
    for number, reached in ((1, 0), (3, 0)):
        c.add('tenant_tests', id=f't{number}', repository='app', commit=f'r{number}', cases=40, reached=reached,
              status='passed', ran_at=after(START, days=number, hours=-1))
    c.add('tenant_tests', id='t2', repository='app', commit='r2', cases=40, reached=0, status='passed',
          ran_at=after(START, days=2, seconds=1))
    c.add('tenant_tests', id='t4', repository='app', commit='r4', cases=40, reached=1, status='passed',
          ran_at=after(START, days=4, hours=-1))
    c.breaks(('app', 'v2'), 'ACC-09.T1 A B')
    c.breaks(('app', 'v4'), 'ACC-09.T1 B')
    good = dict(facility='office', requested_by='ann', approved_by='bob', approved_at=EARLIER, granted_at=EARLIER,
                active=True)
    for moment in WEEKS[:13]:
        c.add('physical_access', badge='1', worker_id='w1', observed_at=moment, **good)
        c.add('physical_access', badge='7', worker_id='w7', observed_at=moment, **{
            **good, 'active': moment < at(2, 11)})
    moment = WEEKS[6]
    c.plant('physical_access', seen('office', '20', moment), 'ACC-10.T1 A', badge='20', worker_id='w2',
            observed_at=moment, **{**good, 'approved_by': 'ann'})
    c.plant('physical_access', seen('office', '21', moment), 'ACC-10.T1 B', badge='21', worker_id='w7',
            observed_at=moment, **good)
    c.plant('physical_access', seen('office', '22', moment), 'ACC-10.T1 C', badge='22', worker_id='w2',
            observed_at=moment, expires_at=after(moment, days=-1), **good)
    entry = dict(facility='office', door='front', result='granted')
    c.add('physical_entries', id='n-1', badge='1', entered_at=at(2, 3, 8), **entry)
    c.plant('physical_entries', 'n-leaver', 'ACC-10.T2 B', id='n-leaver', badge='7', entered_at=at(2, 20, 8), **entry)
    c.plant('physical_entries', 'n-unknown', 'ACC-10.T2 A', id='n-unknown', badge='99', entered_at=at(2, 3, 8), **entry)
    visit = dict(facility='office', host_id='w1', escorted=True, signed_in_at=at(2, 3, 13), signed_out_at=at(2, 3, 16),
                 updated_at=at(2, 4))
    c.add('visitors', id='v-1', **visit)
    c.plant('visitors', 'v-host', 'ACC-11.T1 A', **{**visit, 'id': 'v-host', 'host_id': 'w77'})
    c.plant('visitors', 'v-alone', 'ACC-11.T1 B', **{**visit, 'id': 'v-alone', 'escorted': False})
    c.plant('visitors', 'v-inside', 'ACC-11.T1 C', **{**visit, 'id': 'v-inside', 'signed_out_at': None})
    c.plant('visitors', 'v-untold', (), 'ACC-11.T1 B', **{**visit, 'id': 'v-untold', 'escorted': None})
    gone = dict(asset_id='lap-old', method='shredded', certificate='c-1', certificate_asset='lap-old',
                wiped_at=at(2, 1, 9), disposed_at=at(2, 1, 10))
    c.add('disposals', id='x-1', **gone)
    c.plant('disposals', 'x-bad', 'ACC-12.T1 A B C', **{
        **gone, 'id': 'x-bad', 'method': 'formatted', 'wiped_at': at(2, 1, 11), 'certificate_asset': 'lap-9'})
    c.plant('disposals', 'x-there', 'ACC-12.T1 D', **{
        **gone, 'id': 'x-there', 'asset_id': 'lap-1', 'certificate_asset': 'lap-1'})
