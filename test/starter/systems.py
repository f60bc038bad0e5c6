"""The rest of the invented company: assets, networks, keys, logs, incidents, changes. See company.py."""
from datetime import timedelta

from company import DAYS, EARLIER, FORGOTTEN, NIGHTS, WEEKS, after, at, seen


def assets(c):
    good = dict(system='app', environment='production', owner='platform', location='eu-central-1', in_scope=False,
                logging_required=False, sensor_required=False, first_seen_at=EARLIER)
    good['class'] = 'confidential'
    for moment in WEEKS:
        for name in ('vm-1', 'db-1'):
            c.add('assets', id=name, observed_at=moment, **{
                **good, 'in_scope': True, 'logging_required': True, 'sensor_required': True, 'baseline': 'linux-1'})
            c.add('discovered_assets', id=name, environment='production', observed_at=after(moment, days=2))
            c.add('asset_scans', id=f'{name}-{moment:%m%d}', asset_id=name, status='completed',
                  finished_at=after(moment, days=-1))
            c.add('baseline_checks', asset_id=name, baseline='linux-1', passed=40, failed=0,
                  observed_at=after(moment, hours=-1))
            c.add('log_sources', asset_id=name, store='siem', enabled=True, immutable=True, operators_write=False,
                  retention_days=400, last_event_at=after(moment, minutes=-5), observed_at=moment)
            c.add('sensors', id=f's-{name}', asset_id=name, kind='intrusion', status='running',
                  last_seen_at=after(moment, minutes=-5), observed_at=moment)
        c.add('assets', id='test-1', observed_at=moment, **{**good, 'environment': 'test'})
    stores(c)
    moment = WEEKS[5]

    def plant(name, breaks, undecided=(), found=True, **more):
        c.plant('assets', seen(name, moment), breaks, undecided, id=name, observed_at=moment, **{**good, **more})
        if found:
            c.add('discovered_assets', id=name, environment='production', observed_at=moment)

    plant('vm-bare', 'ACC-01.T1 A B C', **{'owner': None, 'class': None, 'location': None})
    plant('vm-unseen', 'ACC-01.T1 D', found=False)
    plant('vm-unscanned', 'VUL-01.T2 A', in_scope=True)
    plant('vm-new', (), in_scope=True, first_seen_at=after(moment, days=-2))
    plant('vm-unlogged', 'LOG-01.T1 A B', logging_required=True)
    plant('vm-silent', 'LOG-01.T1 B', logging_required=True)
    c.add('log_sources', asset_id='vm-silent', store='siem', enabled=True, immutable=True, operators_write=False,
          retention_days=400, last_event_at=after(moment, hours=-25), observed_at=moment)
    plant('vm-unwatched', 'NET-02.T2 A', sensor_required=True)
    c.add('sensors', id='s-9', asset_id='vm-unwatched', status='stopped', last_seen_at=moment, observed_at=moment)
    plant('vm-unchecked', 'VUL-03.T2 A', baseline='linux-1')
    plant('vm-off', 'VUL-03.T2 B', baseline='linux-1')
    c.add('baseline_checks', asset_id='vm-off', baseline='linux-1', passed=39, failed=1, observed_at=moment)
    c.plant('discovered_assets', seen('vm-shadow', moment), 'ACC-01.T2 A', id='vm-shadow', environment='production',
            observed_at=moment)
    store = dict(store='syslog', enabled=True, last_event_at=moment, observed_at=moment)
    c.plant('log_sources', seen('vm-1', 'syslog', moment), 'LOG-01.T2 A B', asset_id='vm-1', immutable=False,
            operators_write=False, retention_days=364, **store)
    c.plant('log_sources', seen('vm-77', 'syslog', moment), 'LOG-01.T3 A', asset_id='vm-77', immutable=True,
            operators_write=False, retention_days=365, **store)
    c.plant('log_sources', seen('db-1', 'syslog', moment), (), 'LOG-01.T2 A', asset_id='db-1', immutable=True,
            retention_days=365, **store)
    c.plant('data_stores', seen('bucket', moment), 'ENC-02.T1 A', id='bucket', environment='production',
            encrypted=False, observed_at=moment)


def stores(c):
    for moment in NIGHTS:
        c.add('data_stores', id='db-1', environment='production', encrypted=True, observed_at=moment)
    c.breaks(seen('db-1', after(FORGOTTEN, days=-1)), 'ENC-02.T1 B')
    for moment in (NIGHTS[10], NIGHTS[12]):
        c.add('data_stores', id='db-2', environment='production', encrypted=True, observed_at=moment)
    c.breaks(seen('db-2', NIGHTS[10]), 'ENC-02.T1 B')


def protection(c):
    for number, moment in enumerate(DAYS):
        c.add('backups', id=f'b-{number}', store='db-1', status='succeeded', encrypted=True, finished_at=moment)
        if number == 45:
            continue
        for name in ('198.51.100.7:443', '198.51.100.8:443'):
            c.add('endpoints', id=name, system='app', public=True, protocol='TLSv1.2', weak=False,
                  certificate_ends_at=at(12, 31), observed_at=moment)
            if number == 46:
                c.breaks(seen(name, moment), 'ENC-01.T2 A')
    c.add('backups', id='b-failed', store='db-1', status='failed', encrypted=False, finished_at=at(1, 9))
    c.plant('backups', 'b-plain', 'ENC-02.T2 A', id='b-plain', store='db-1', status='succeeded', encrypted=False,
            finished_at=at(1, 9))
    moment = DAYS[20]
    c.plant('endpoints', seen('198.51.100.9:443', moment), 'ENC-01.T1 A B C', id='198.51.100.9:443', system='app',
            public=True, protocol='TLSv1.0', weak=True, certificate_ends_at=moment, observed_at=moment)
    c.plant('endpoints', seen('198.51.100.10:443', moment), 'NET-02.T3 A', id='198.51.100.10:443', public=True,
            protocol='TLSv1.3', weak=False, certificate_ends_at=at(12, 31), observed_at=moment)
    key = dict(state='enabled', held_in='kms', custodian='security', users=['app'], created_at=EARLIER)
    rule = dict(direction='in', action='allow', source='0.0.0.0/0', port_from=443, port_to=443, reason='customers',
                owner='network', created_at=EARLIER, reviewed_at=at(11, 1, year=2025))
    device = dict(worker_id='w1', managed=True, anti_malware='running', disk_encrypted=True, lock_minutes=10)
    for moment in WEEKS[:13]:
        c.add('keys', id='k-1', observed_at=moment, **key)
        c.add('network_rules', id='r-web', observed_at=moment, **rule)
    for moment in NIGHTS[:-1]:
        for number in ('1', '2'):
            c.add('devices', id=f'lap-{number}', last_check_in_at=moment, signatures_at=moment, observed_at=moment,
                  **{**device, 'worker_id': f'w{number}'})
    for number in ('1', '2'):
        c.breaks(seen(f'lap-{number}', after(FORGOTTEN, days=-1)), 'ENC-02.T3 B')
    moment = WEEKS[8]
    c.add('devices', id='lap-old', last_check_in_at=WEEKS[0], observed_at=WEEKS[0], **device)
    c.plant('keys', seen('k-bad', moment), 'ENC-03.T1 A B C', id='k-bad', observed_at=moment, **{
        **key, 'created_at': at(1, 1, year=2024), 'held_in': 'file', 'users': ['app', 'security']})
    c.plant('network_rules', seen('r-ssh', moment), 'NET-01.T1 A', id='r-ssh', observed_at=moment, **{
        **rule, 'port_from': 20, 'port_to': 25})
    c.plant('network_rules', seen('r-why', moment), 'NET-01.T1 B', id='r-why', observed_at=moment, **{
        **rule, 'reason': None})
    c.plant('network_rules', seen('r-old', moment), 'NET-01.T2 A', id='r-old', observed_at=moment, **{
        **rule, 'reviewed_at': None, 'created_at': at(1, 1, year=2025)})
    c.plant('devices', seen('lap-bad', moment), ['END-01.T1 A B C D', 'ENC-02.T3 A'], id='lap-bad', observed_at=moment,
            last_check_in_at=moment, **{**device, 'managed': False, 'anti_malware': 'stopped', 'disk_encrypted': False,
                                        'lock_minutes': 16})
    c.plant('devices', seen('lap-left', moment), 'END-01.T2 B', id='lap-left', observed_at=moment,
            last_check_in_at=moment, **{**device, 'worker_id': 'w7'})
    c.plant('devices', seen('lap-lost', moment), 'END-01.T2 A', id='lap-lost', observed_at=moment,
            last_check_in_at=moment, **{**device, 'worker_id': 'w77'})
    act = dict(key_id='k-1', kind='rotated', performed_by='ann', approved_by='bob')
    c.add('key_events', id='a-1', happened_at=at(1, 5), **act)
    c.add('key_events', id='a-2', happened_at=at(1, 6), **{**act, 'key_id': 'k-2', 'kind': 'retired'})
    c.plant('key_events', 'a-own', 'ENC-03.T2 A', id='a-own', happened_at=at(1, 7), **{**act, 'approved_by': 'ann'})
    c.plant('key_events', 'a-again', 'ENC-03.T2 B', id='a-again', happened_at=at(1, 8), **{
        **act, 'key_id': 'k-2', 'kind': 'enabled'})
    c.plant('key_events', 'a-none', (), 'ENC-03.T2 A', id='a-none', happened_at=at(1, 7), **{
        **act, 'approved_by': None})


def upkeep(c):
    c.add('approved_software', id='p-1', name='nginx', approved_at=EARLIER, updated_at=EARLIER)
    c.add('approved_software', id='p-2', name='openssl', approved_at=EARLIER, withdrawn_at=at(1, 1), updated_at=at(1, 1))
    install = dict(asset_id='vm-1', environment='production', version='1', installed_at=at(1, 20))
    c.add('software_installs', id='o-1', name='nginx', **install)
    c.plant('software_installs', 'o-2', 'END-02.T1 A', id='o-2', name='netcat', **install)
    c.plant('software_installs', 'o-3', 'END-02.T1 A', id='o-3', name='openssl', **install)
    file = dict(asset_id='vm-1', environment='production', kind='file', change_id='1', outcome='explained',
                detected_at=at(1, 20), resolved_at=at(1, 21), updated_at=at(1, 21))
    c.add('config_drift', id='f-1', **file)
    c.plant('config_drift', 'f-2', 'END-02.T2 A', **{**file, 'id': 'f-2', 'change_id': '999'})
    c.plant('config_drift', 'f-3', 'END-02.T2 B', **{**file, 'id': 'f-3', 'resolved_at': at(1, 22, 0, 0, 1)})
    c.plant('config_drift', 'f-4', (), 'END-02.T2 B', **{**file, 'id': 'f-4', 'resolved_at': None})
    base = dict(asset_id='vm-1', environment='production', kind='baseline', ticket='OPS-1', ticket_at=at(1, 20, 1),
                outcome='put back', detected_at=at(1, 20), resolved_at=at(1, 25), updated_at=at(1, 26))
    c.add('config_drift', id='d-1', **base)
    c.plant('config_drift', 'd-2', 'VUL-03.T1 A B', **{
        **base, 'id': 'd-2', 'ticket': None, 'ticket_at': None, 'resolved_at': at(2, 3, 0, 0, 1)})
    weakness = dict(asset_id='vm-1', severity='high', found_at=at(1, 2), due_at=at(2, 1), fixed_at=at(2, 1),
                    updated_at=at(3, 1))
    c.add('vulnerabilities', id='w-1', **weakness)
    c.add('vulnerabilities', id='w-accepted', **{**weakness, 'fixed_at': None, 'accepted_by': 'ann',
                                                 'accepted_at': at(1, 20), 'accepted_until': at(12, 31)})
    c.plant('vulnerabilities', 'w-late', 'VUL-01.T1 A', **{**weakness, 'id': 'w-late', 'fixed_at': at(2, 1, 0, 0, 1)})
    c.plant('vulnerabilities', 'w-open', 'VUL-01.T1 A', **{**weakness, 'id': 'w-open', 'fixed_at': None})
    c.plant('vulnerabilities', 'w-slow', 'VUL-01.T1 B', **{**weakness, 'id': 'w-slow', 'severity': 'critical'})
    patch = dict(asset_id='vm-1', severity='critical', released_at=at(1, 5), due_at=at(1, 12), installed_at=at(1, 12),
                 updated_at=at(2, 1))
    c.add('patches', id='p-1', **patch)
    c.plant('patches', 'p-late', 'VUL-02.T1 A', **{**patch, 'id': 'p-late', 'installed_at': at(1, 13)})
    c.plant('patches', 'p-slow', 'VUL-02.T1 B', **{**patch, 'id': 'p-slow', 'due_at': at(1, 12, 0, 0, 1)})
    c.add('asset_scans', id='scan-lost', asset_id='vm-unscanned', status='unreachable', finished_at=WEEKS[5])


def incidents(c):
    alert = dict(monitor='root-sign-in', severity='high', action='our own scanner', raised_at=at(1, 10),
                 acknowledged_at=at(1, 10, 0, 30), closed_at=at(1, 10, 3), updated_at=at(1, 11))
    alert['class'] = 'security'
    c.add('alerts', id='al-1', **alert)
    c.add('alerts', id='al-2', **{**alert, 'action': None, 'incident_id': 'in-1'})
    c.plant('alerts', 'al-late', 'NET-02.T1 A', **{**alert, 'id': 'al-late', 'acknowledged_at': at(1, 10, 0, 30, 1)})
    c.plant('alerts', 'al-mute', 'NET-02.T1 B', **{**alert, 'id': 'al-mute', 'action': None})
    c.plant('alerts', 'al-lost', 'INC-01.T3 A', **{**alert, 'id': 'al-lost', 'incident_id': 'in-99'})
    trial = dict(rule='root-sign-in', tested_at=at(1, 9, 23, 59))
    c.add('detection_tests', id='dt-1', alert_id='al-1', **trial)
    c.plant('detection_tests', 'dt-none', 'LOG-02.T1 A', id='dt-none', **trial)
    c.plant('detection_tests', 'dt-other', 'LOG-02.T1 A', id='dt-other', alert_id='al-1', **{**trial, 'rule': 'dns'})
    review = dict(subject='rules', rules=80, changed=1, findings=1, tickets=['SEC-1'], reviewer_id='w1',
                  approved_by='bob')
    for number, (start, end, done) in enumerate(((at(10, 1, year=2025), at(1, 1), at(1, 5)),
                                                 (at(1, 1), at(2, 1), at(2, 3)), (at(2, 2), at(3, 1), at(3, 3)))):
        c.add('log_reviews', id=f'lr-{number}', covers_from=start, covers_to=end, reviewed_at=done, updated_at=done,
              **({**review, 'tickets': None} if number == 1 else review))
    c.plant('log_reviews', 'lr-nobody', 'LOG-02.T2 A', id='lr-nobody', covers_from=at(3, 1), covers_to=at(3, 31),
            reviewed_at=at(3, 30), updated_at=at(3, 30), **{**review, 'rules': 0})
    c.breaks('lr-1', 'LOG-02.T2 B')
    c.breaks('lr-2', 'LOG-02.T2 C')
    good = dict(severity='high', owner='ann', customer_impact=False, personal_data=False, breach=False, evidence='s3',
                detected_at=at(1, 9, 8), acknowledged_at=at(1, 9, 9), contained_at=at(1, 9, 12),
                resolved_at=at(1, 9, 16), closed_at=at(1, 12), updated_at=at(3, 31))
    good['class'] = 'security'

    def incident(name, breaks, undecided=(), reviewed=at(1, 23, 15), cause='a certificate', listed=1, **more):
        c.plant('incidents', name, breaks, undecided, id=name, **{**good, **more})
        if reviewed:
            c.add('post_incident_reviews', id=f'pr-{name}', incident_id=name, root_cause=cause, actions=1,
                  held_at=reviewed, updated_at=reviewed)
        for number in range(listed):
            c.add('incident_actions', id=f'ac-{name}-{number}', incident_id=name, owner='ann', proof='change 1',
                  due_at=at(3, 1), done_at=at(2, 20), updated_at=at(3, 2))

    incident('in-1', ())
    incident('in-nobody', 'INC-01.T1 A', owner=None)
    incident('in-slow', 'INC-01.T1 B', acknowledged_at=at(1, 9, 12, 0, 1))
    incident('in-no-proof', 'INC-01.T1 C', evidence=None)
    incident('in-long', 'INC-01.T2 A', closed_at=at(1, 23, 8, 0, 1))
    incident('in-open', 'INC-01.T2 A', closed_at=None)
    # Still within its limit when the period ends: of the next period, by its where.
    incident('in-recent', (), detected_at=at(3, 25), acknowledged_at=at(3, 25, 1), contained_at=None, closed_at=None,
             resolved_at=None)
    incident('in-review', 'INC-02.T1 A', reviewed=at(1, 23, 16, 0, 1))
    incident('in-no-cause', 'INC-02.T1 B', cause=None)
    incident('in-unlisted', 'INC-02.T1 C', listed=0)
    incident('in-unreviewed', 'INC-02.T1 A B C', reviewed=None, listed=0)
    # Ended on a Saturday: ten working days later is the Friday of the second week after.
    incident('in-saturday', (), resolved_at=at(1, 10, 16), reviewed=at(1, 23, 16))
    c.plant('incident_actions', 'ac-late', 'INC-02.T2 A', id='ac-late', incident_id='in-x', owner='ann', proof='p',
            due_at=at(3, 1), done_at=at(3, 2), updated_at=at(3, 2))
    c.plant('incident_actions', 'ac-no-proof', 'INC-02.T2 B', id='ac-no-proof', incident_id='in-x', owner='ann',
            due_at=at(3, 1), done_at=at(3, 1), updated_at=at(3, 2))
    told = dict(approved_by='ann', proof='mail', due_at=at(1, 12, 10), sent_at=at(1, 12, 10), updated_at=at(2, 1))
    breach = dict(breach=True, breach_confirmed_at=at(1, 9, 10), customer_impact=True, personal_data=True)
    incident('br-1', (), **breach)
    incident('br-late', 'INC-04.T1 B', **breach)
    incident('br-silent', 'INC-04.T1 B C', **breach)
    incident('br-unknown', 'INC-04.T1 A', breach=True, breach_confirmed_at=None)
    incident('br-untold', (), 'INC-04.T1 B', **{**breach, 'customer_impact': None, 'personal_data': False})
    for name in ('br-1', 'br-late'):
        for kind in ('customer', 'authority'):
            c.add('breach_notifications', id=f'{name}-{kind}', incident_id=name, recipient_kind=kind, **told)
    c.plant('breach_notifications', 'br-late-2', 'INC-04.T2 A', id='br-late-2', incident_id='br-late',
            recipient_kind='customer', **{**told, 'sent_at': after(told['sent_at'], seconds=1)})
    c.plant('breach_notifications', 'bn-bare', 'INC-04.T2 B C', id='bn-bare', incident_id='in-1',
            recipient_kind='person', **{**told, 'proof': None})


def changes(c):
    def change(number, breaks=(), author='ann', approver='bob', approved=-60, tests=900, built=-30, emergency=False,
               ticket='OPS-1', deployed=at(2, 3, 12), build=True, registered=True, undecided=(), **more):
        if registered:
            c.add('changes', id=str(number), author=author, commit=f'c{number}', emergency=emergency,
                  ticket=ticket if emergency else None, deployed_at=deployed)
        if approver:
            c.add('approvals', id=f'p{number}', change_id=str(number), actor=approver, decision='approved',
                  kind='reviewed', approved_at=deployed + timedelta(minutes=approved))
        if build:
            c.add('builds', id=f'b{number}', commit=f'c{number}', status='passed', tests_run=tests, tests_failed=0,
                  finished_at=deployed + timedelta(minutes=built))
        c.plant('deployments', f'd{number}', breaks, undecided, id=f'd{number}', **{
            **dict(change_id=str(number), commit=f'c{number}', environment='production', status='succeeded',
                   method='pipeline', deployed_by='ci', deployed_at=deployed), **more})

    for number in range(1, 11):
        change(number, deployed=at(1, 5 + number, 12))
    change(20, 'CHG-01.T1 B', approver='Ann')
    change(21, 'CHG-01.T1 B', approver=None)
    change(22, 'CHG-01.T1 B', approved=1)
    change(23, 'CHG-01.T1 A B', registered=False)
    change(24, 'CHG-02.T1 A', build=False)
    change(25, 'CHG-02.T1 A', tests=0)
    change(26, 'CHG-02.T1 A', built=1)
    change(27, ['CHG-04.T1 A B'], method='manual', deployed_by='ann')
    change(28, (), undecided='CHG-04.T1 A', method=None)
    change(29, (), environment='test', approver=None, build=False, method='manual', deployed_by='ann')
    c.add('change_freezes', id='fr-1', environment='production', reason='move', starts_at=at(3, 10), ends_at=at(3, 12),
          updated_at=at(3, 1))
    change(30, 'CHG-01.T2 A', deployed=at(3, 11, 12))
    change(31, (), deployed=at(3, 12))
    friday, monday = at(3, 6, 22), at(3, 9, 22)
    change(40, (), emergency=True, deployed=friday, approved=4 * 24 * 60)
    change(41, (), emergency=True, deployed=monday, approved=2 * 24 * 60 + 1)
    c.breaks('41', 'CHG-03.T1 A')
    change(42, (), emergency=True, deployed=monday, ticket=None)
    c.breaks('42', 'CHG-03.T1 B')
    change(43, (), emergency=True, deployed=monday, approver='ann')
    c.breaks('43', 'CHG-03.T1 A')
    for moment in WEEKS[:13]:
        c.add('deployment_rights', account_id='ci', environment='production', account_type='service', via='pipeline',
              standing=True, observed_at=moment)
        c.add('deployment_rights', account_id='glass', environment='production', account_type='personal',
              worker_id='w1', via='break-glass', standing=False, observed_at=moment)
        c.add('deployment_rights', account_id='ops', environment='production', account_type='personal',
              worker_id='w5', via='direct', standing=True, observed_at=moment)
    c.plant('deployment_rights', seen('production', 'dev', WEEKS[4]), 'CHG-04.T2 A', account_id='dev',
            environment='production', account_type='personal', worker_id='w1', via='direct', standing=True,
            observed_at=WEEKS[4])
    copy = dict(source_store='db-1', target_store='test-db', requested_by='ann', approved_by='bob', masking='tokens',
                approved_at=at(1, 5), masked_at=at(1, 6), loaded_at=at(1, 6), deleted_at=at(2, 6), updated_at=at(3, 31))
    c.add('test_data_requests', id='q-1', **copy)
    c.plant('test_data_requests', 'q-own', 'CHG-05.T1 A', **{**copy, 'id': 'q-own', 'approved_by': 'ANN'})
    c.plant('test_data_requests', 'q-plain', 'CHG-05.T1 B', **{**copy, 'id': 'q-plain', 'masking': None})
    c.plant('test_data_requests', 'q-stays', 'CHG-05.T1 C', **{
        **copy, 'id': 'q-stays', 'target_store': 'other', 'deleted_at': at(4, 7)})
    scan = dict(store='test-db', environment='test', production_data=True, scanned_at=at(1, 20))
    c.add('environment_scans', id='sc-1', **scan)
    c.add('environment_scans', id='sc-2', **{**scan, 'production_data': False, 'scanned_at': at(3, 20)})
    c.plant('environment_scans', 'sc-after', 'CHG-05.T2 A', **{**scan, 'id': 'sc-after', 'scanned_at': at(3, 20)})
    c.plant('environment_scans', 'sc-none', (), 'CHG-05.T2 A', **{
        **scan, 'id': 'sc-none', 'production_data': None, 'scanned_at': at(3, 20)})
    feature = dict(owner='ann', build_started_at=at(1, 12), updated_at=at(3, 1))
    review = dict(reviewer='bob', security_checked=True, commitments_checked=True, decision='approved', findings=0,
                  findings_open=0, reviewed_at=at(1, 5), updated_at=at(1, 5))
    for name, breaks, more, released in (
            ('fe-1', (), {}, at(2, 12)), ('fe-own', 'CHG-06.T1 A', {'reviewer': 'ann'}, None),
            ('fe-late', 'CHG-06.T1 A B', {'reviewed_at': at(1, 12, 0, 0, 1)}, None),
            ('fe-half', 'CHG-06.T1 B', {'commitments_checked': False}, None),
            ('fe-open', 'CHG-06.T1 C', {'findings': 2, 'findings_open': 1}, at(2, 12))):
        c.plant('features', name, breaks, id=name, released_at=released, **feature)
        c.add('design_reviews', id=f'dr-{name}', feature_id=name, **{**review, **more})


def systems(c):
    assets(c)
    protection(c)
    upkeep(c)
    incidents(c)
    changes(c)
